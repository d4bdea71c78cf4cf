using MeshSdk.Resources.Json;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>A set of objects that one watch follows.</summary>
/// <param name="Kind">What they are, and how they are read.</param>
/// <param name="Plural">Their name in the API's paths, as in <c>httproutes</c>.</param>
/// <param name="Versions">Versions of the group that can be read, the preferred one first; the first that the server has is used.</param>
internal sealed record WatchTarget(ResourceKind Kind, string Plural, IReadOnlyList<string> Versions)
{
    /// <summary>Null: all namespaces.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>The one object of its namespace that is followed, and the only one that a Role has to permit; null: whatever the selectors leave.</summary>
    public string? OnlyName
    {
        get;
        init
        {
            field = value;
            FieldSelector = value is null ? null : $"metadata.name={value}";
        }
    }

    /// <summary>Nothing but the metadata of the objects is asked for; a server that cannot leave out the rest sends that too.</summary>
    public bool IsMetadataOnly { get; init; }

    /// <summary>Few need it and few grant it: that it may not be read is worth a note in the log, and no warning.</summary>
    public bool IsSeldomGranted { get; init; }

    /// <summary>As RBAC writes it: <c>httproutes.gateway.networking.k8s.io</c>.</summary>
    public string Resource => Kind.Group.Length == 0 ? Plural : $"{Plural}.{Kind.Group}";

    public override string ToString() => $"{Resource} in {(Namespace is null ? "all namespaces" : $"namespace {Namespace}")}{(LabelSelector ?? FieldSelector) switch
    {
        { } selector => $" ({selector})",
        null => "",
    }}";
}
