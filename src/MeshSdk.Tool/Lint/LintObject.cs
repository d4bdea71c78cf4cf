using MeshSdk.Resources;
using MeshSdk.Resources.Json;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tool.Lint;

/// <summary>One object of the files, with the places of its fields.</summary>
internal sealed class LintObject
{
    private readonly ManifestObject _source;

    private LintObject(ManifestObject source, string version, string kind, MappingNode metadata)
    {
        _source = source;
        Kind = kind;
        Group = ResourceKinds.GroupOf(version);
        Version = version[(Group.Length == 0 ? 0 : Group.Length + 1)..];
        Namespace = metadata.Text("namespace") is { Length: > 0 } ns ? ns : ResourceKind.DefaultNamespace;
        Name = metadata.Text("name") ?? "";
        Subject = new ResourceKey(Kind, Namespace, Name).ToString();
    }

    public string Kind { get; }

    public string Group { get; }

    public string Version { get; }

    public string Namespace { get; }

    public string Name { get; }

    public string Subject { get; }

    public string File => _source.File;

    public MappingNode Node => _source.Node;

    public LintField Root => new(this, "", Node, Node.Line);

    public LintField Spec => Root["spec"];

    public bool IsRoute => (Group, Kind) is ("gateway.networking.k8s.io", "HTTPRoute" or "GRPCRoute");

    /// <summary>A route that hangs on no Service is obeyed by gateways, and what this library cannot do matters to none of them.</summary>
    public bool IsForGatewaysAlone =>
        IsRoute && Spec["parentRefs"].Items is { Count: > 0 } parents && parents.All(static parent => parent["kind"].Text != "Service");

    /// <summary>Null where it cannot be told what it is: its reader has said so.</summary>
    public static LintObject? Of(ManifestObject source) =>
        source is { ApiVersion: { Length: > 0 } version, Kind: { Length: > 0 } kind } && source.Node["metadata"] is MappingNode metadata
        && !string.IsNullOrEmpty(metadata.Text("name"))
            ? new LintObject(source, version, kind, metadata)
            : null;

    public LintFinding Finding(string severity, string code, string path, int line, string message) => new(severity, code, Subject, path, File, line, message);

    /// <summary>The line of the field that a path leads to, or of the last part of the way that is there.</summary>
    public int LineOf(string path) => FieldAt(path).Line;

    /// <summary>The field that a path leads to, or the last part of the way that is there.</summary>
    public LintField FieldAt(string path)
    {
        var field = Root;
        foreach (var step in FieldSteps.Of(path))
        {
            var next = step.Index is { } index ? field.At(index) : field[step.Name];
            if (!next.Exists)
            {
                break;
            }

            field = next;
        }

        return field;
    }
}
