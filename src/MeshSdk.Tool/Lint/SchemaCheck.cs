using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MeshSdk.Compilation.Filters;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Sources.Manifests;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Tool.Lint;

/// <summary>
/// Holds objects to the schemas of their kinds, as an API server with strict validation does: types, bounds, patterns, what must be there, and names that no
/// field has. The codes are the causes that an API server would name.
/// </summary>
internal static partial class SchemaCheck
{
    public const string UnknownField = "UnknownField";
    public const string UnknownVersion = "UnknownVersion";
    public const string UnknownKind = "UnknownKind";

    private const int LongestHeaderValue = 4096;

    // The kinds that steer calls. Whatever else a directory holds is its owner's business.
    private static readonly string[] Groups =
        ["gateway.networking.k8s.io", "gateway.networking.x-k8s.io", "networking.istio.io", "security.istio.io", "discovery.k8s.io"];

    // The shape of session persistence up to release 1.6, which the library reads beside the later one.
    private static readonly string[] EarlierFields = [".sessionPersistence.sessionName", ".sessionPersistence.cookieConfig", ".sessionPersistence.idleTimeout"];

    public static void Check(LintObject subject, LintReport report)
    {
        if (!Groups.Contains(subject.Group) && (subject.Group, subject.Kind) != ("", "Service"))
        {
            return;
        }

        ResourceType[] versions = [.. BuiltInKinds.All.Where(type => type.Group == subject.Group && type.Kind == subject.Kind)];
        if (versions.Length == 0)
        {
            report.Add(subject.Root["kind"].Info(UnknownKind, $"no schema is known of {subject.Kind} in {subject.Group}, and the mesh does not read it"));
            return;
        }

        if (Array.Find(versions, type => type.Version == subject.Version) is not { } type)
        {
            var known = string.Join(", ", versions.Select(static version => version.ApiVersion).Distinct());
            var field = subject.Root["apiVersion"];
            report.Add(WatchedKinds.Reads(subject.Group, subject.Kind, subject.Version)
                ? field.Warning(UnknownVersion, $"the CRDs of present releases have no version {subject.Version} of {subject.Kind}, but {known}; the mesh reads it all the same")
                : field.Error(UnknownVersion, $"there is no version {subject.Version} of {subject.Kind}, but {known}"));
            return;
        }

        Check(subject, type, report);
    }

    private static void Check(LintObject subject, ResourceType type, LintReport report)
    {
        var content = ContentOf(subject.Node);
        content["apiVersion"] = type.ApiVersion;
        content["kind"] = type.Kind;
        foreach (var path in Pruning.Apply(type.Schema, content).Where(static path => !EarlierFields.Any(path.EndsWith)))
        {
            var name = path[(path.LastIndexOf('.') + 1)..];
            Add(LintFinding.Error, UnknownField, path, $"{type.Kind} has no field \"{name}\" here; an API server drops it or refuses the object");
        }

        // Defaults first: they hold wherever a field is missing, and are right by themselves.
        var errors = new FieldErrors();
        Defaulting.Apply(type.Schema, content);
        MetadataRules.Check(type, content["metadata"] as JsonObject ?? [], errors);
        new SchemaValidator(errors).Check(type.Schema, content, "");
        if (errors.WrongType is null && !type.IsCustom)
        {
            BuiltInDefaults.Apply(type, content);
            BuiltInRules.Check(type, content, errors);
        }

        foreach (var (reason, field, message) in errors.All)
        {
            if (IsRefusedByExperimentalChannelAlone(subject.FieldAt(field)))
            {
                Add(LintFinding.Warning, reason, field, $"the CRDs of the experimental channel refuse this value: {message}");
            }
            else
            {
                Add(LintFinding.Error, reason, field, message);
            }
        }

        void Add(string severity, string code, string path, string message)
        {
            if (!report.IsWrong(subject.Subject, path))
            {
                report.Add(subject.Finding(severity, code, path, subject.LineOf(path), message));
            }
        }
    }

    // The schemas are those of the experimental channel, which has a pattern for the values that header modifiers write; the standard one has only lengths.
    private static bool IsRefusedByExperimentalChannelAlone(LintField field) =>
        HeaderModifierValue().IsMatch(field.Path)
        && field.Text is { Length: > 0 and <= LongestHeaderValue } text
        && HeaderSyntax.ProblemOfValue("", text, ascii: true) is null;

    [GeneratedRegex(@"\.(request|response)HeaderModifier\.(set|add)\[\d+\]\.value$", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderModifierValue();

    private static JsonObject ContentOf(MappingNode node)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            NodeJson.Write(writer, node);
        }

        return ObjectReader.Read(json.WrittenSpan, out _);
    }
}
