using System.Text.Json.Nodes;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>What a reference to a parent means, whoever filled in its defaults.</summary>
internal readonly record struct ParentKey(string Group, string Kind, string Namespace, string Name, string? SectionName, long? Port)
{
    private const string Service = "Service";

    /// <summary>Whether the mesh has something to say of such a parent once it knows the route.</summary>
    public bool IsService => Group.Length == 0 && Kind == Service && Name.Length > 0;

    /// <param name="reference">As it is written.</param>
    /// <param name="ns">The namespace of the route.</param>
    public static ParentKey Of(JsonObject reference, string ns) => new(
        reference.Text("group") switch
        {
            null => "gateway.networking.k8s.io",
            "core" => "",
            var group => group,
        },
        reference.Text("kind") ?? "Gateway",
        reference.Text("namespace") is { Length: > 0 } stated ? stated : ns,
        reference.Text("name") ?? "",
        NotEmpty(reference.Text("sectionName")),
        reference.Number("port"));

    /// <param name="status">Of a parent that is a Service, as all are that the mesh speaks of.</param>
    public static ParentKey Of(MeshRouteStatus status)
    {
        var slash = status.Parent.IndexOf('/', StringComparison.Ordinal);
        return new("", Service, status.Parent[..slash], status.Parent[(slash + 1)..], NotEmpty(status.SectionName), status.Port);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
