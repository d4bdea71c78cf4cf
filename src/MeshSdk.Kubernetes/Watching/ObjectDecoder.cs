using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using MeshSdk.Compilation.Localities;
using MeshSdk.Kubernetes.Wire;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>
/// Reads objects one by one, so that one that cannot be read hides no other. The reasons are worked out as for manifests, and so is what stands in
/// for a destination rule: where it may have demanded TLS, its calls fail. Not thread-safe.
/// </summary>
internal sealed class ObjectDecoder(WatchTarget target)
{
    private Dictionary<string, string>? _owner;

    public DecodedObject Decode(ReadOnlySpan<byte> json)
    {
        try
        {
            var resource = Slim(target.Kind.ReadAsServed(json));
            if (resource.Metadata.Name.Length > 0)
            {
                return new(resource.Key, resource.Metadata.ResourceVersion ?? "", resource);
            }
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            return Unreadable(json, fault);
        }

        return Unreadable(json, new JsonException("the object has no name"));
    }

    public ResourceKey KeyOf(ObjectHead head) => new(target.Kind.Kind, head.Namespace, head.Name);

    /// <summary>What the mesh never looks at is not worth its room, ten thousand times.</summary>
    private Resource Slim(Resource resource) => resource switch
    {
        EndpointSlice slice => slice with { Metadata = slice.Metadata with { Labels = OwnerOf(slice), Annotations = null, OwnerReferences = null } },
        MeshConfigMap map => map with { Metadata = map.Metadata with { Labels = null, Annotations = null, OwnerReferences = null } },
        Pod pod => pod with { Metadata = pod.Metadata with { Annotations = PodMarks.Slim(pod.Metadata.Annotations) } },
        Namespace space => space with { Metadata = space.Metadata with { Labels = WaypointLabels.Slim(space.Metadata.Labels), Annotations = null, OwnerReferences = null } },
        AuthorizationPolicy policy => policy with { Metadata = policy.Metadata with { Annotations = AuthorizationMarks.Slim(policy.Metadata.Annotations), OwnerReferences = null } },
        CertificateResource certificates => certificates with { Metadata = certificates.Metadata with { Labels = null, Annotations = null, OwnerReferences = null } },
        Node node => node with { Metadata = node.Metadata with { Labels = PlaceOf(node), Annotations = null, OwnerReferences = null } },
        _ => resource,
    };

    private static Dictionary<string, string>? PlaceOf(Node node) =>
        node.Metadata.Labels?.Where(static label => TopologyLabels.IsOfNode(label.Key)).ToDictionary(StringComparer.Ordinal);

    /// <summary>The one label that counts, which the slices of a service, one behind the other in a list, hold together.</summary>
    private Dictionary<string, string>? OwnerOf(EndpointSlice slice)
    {
        if (slice.ServiceName is not { } name)
        {
            return null;
        }

        if (_owner?[EndpointSlice.ServiceNameLabel] != name)
        {
            _owner = new(StringComparer.Ordinal) { [EndpointSlice.ServiceNameLabel] = name };
        }

        return _owner;
    }

    private DecodedObject Unreadable(ReadOnlySpan<byte> json, Exception fault)
    {
        var head = HeadOrNothing(json);
        ResourceKey? key = head.Name.Length > 0 ? KeyOf(head) : null;
        var content = Explain(json);
        var subject = key?.ToString() ?? target.Kind.Kind;
        var problems = content is null ? [] : content.Problems
            .Where(static problem => problem.Severity == DiagnosticSeverity.Error)
            .Select(problem => problem with { Subject = subject, File = null, Document = null, Line = null })
            .ToImmutableArray();
        if (problems.IsEmpty)
        {
            problems = [new(DiagnosticSeverity.Error, ManifestCodes.InvalidField, subject, PathOf(fault), "the value cannot be read")];
        }

        return new(key, head.ResourceVersion, null)
        {
            Problems = problems,
            StandIn = key is { } known && content?.StandIns.FirstOrDefault() is { Rule: var rule }
                ? rule with { Metadata = new ObjectMeta { Namespace = known.Namespace, Name = known.Name, ResourceVersion = head.ResourceVersion }, Origin = null }
                : null,
        };
    }

    /// <summary>The object in a list of its kind, since items of a list need not say what they are.</summary>
    private ManifestContent? Explain(ReadOnlySpan<byte> json)
    {
        try
        {
            var apiVersion = target.Kind.Group.Length == 0 ? target.Versions[0] : $"{target.Kind.Group}/{target.Versions[0]}";
            var text = $$"""{"apiVersion":"{{apiVersion}}","kind":"{{target.Kind.Kind}}List","items":[{{Encoding.UTF8.GetString(json)}}]}""";
            return ManifestReader.Read(text, target.Resource);
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            return null;
        }
    }

    private static ObjectHead HeadOrNothing(ReadOnlySpan<byte> json)
    {
        try
        {
            return ObjectHead.Read(json);
        }
        catch (JsonException)
        {
            return new("", "", "", false);
        }
    }

    // The deserializer's own, what converters let through, and what an escape for no character raises.
    private static bool IsUnreadable(Exception fault) =>
        fault is JsonException or InvalidOperationException or FormatException or OverflowException or NotSupportedException or ArgumentException;

    private static string PathOf(Exception fault) =>
        fault is JsonException { Path: { } path } && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "";
}
