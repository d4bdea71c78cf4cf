using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MeshSdk.Tool.Explain;

namespace MeshSdk.Tool.Listing;

[JsonSerializable(typeof(IReadOnlyList<ListedRoute>))]
[JsonSerializable(typeof(IReadOnlyList<ListedService>))]
[JsonSerializable(typeof(IReadOnlyList<ListedEndpoint>))]
[JsonSerializable(typeof(IReadOnlyList<ListedPolicy>))]
internal sealed partial class GetJson : JsonSerializerContext
{
    public static GetJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

// The properties and their order are a public interface that scripts read: may grow, never change.
internal sealed record ListedRoute(
    string Kind, string Namespace, string Name, IReadOnlyList<string> Hostnames, IReadOnlyList<ListedParent> Parents, int Rules, DateTimeOffset? Created);

/// <summary>As written, the defaults filled in; a null port means all.</summary>
internal sealed record ListedParent(string Kind, string Namespace, string Name, int? Port);

internal sealed record ListedService(
    string Namespace, string Name, string Type, IReadOnlyList<string> ClusterIPs, IReadOnlyList<ListedPort> Ports, DateTimeOffset? Created);

internal sealed record ListedPort(string? Name, int Port, string Protocol, string? AppProtocol);

internal sealed record ListedEndpoint(string Namespace, string Service, int Port, ExplainedEndpoint Endpoint);

/// <summary>A DestinationRule has a host, a PeerAuthentication may have a selector, the other kinds have targets.</summary>
internal sealed record ListedPolicy(
    string Kind, string Namespace, string Name, string? Host, string? LoadBalancer, string? Tls, IReadOnlyList<string> ExportTo, DateTimeOffset? Created,
    IReadOnlyList<ListedTarget> Targets)
{
    /// <summary>The fields of the traffic policy that are there, and <c>subsets</c>.</summary>
    public IReadOnlyList<string> Blocks { get; init; } = [];

    /// <summary>The services that it holds for when the caller calls them.</summary>
    public IReadOnlyList<ListedServiceName> AppliesTo { get; init; } = [];

    /// <summary>The labels of the pods that a PeerAuthentication is for; null: of all pods, or it is another kind.</summary>
    public IReadOnlyDictionary<string, string>? Selector { get; init; }
}

internal sealed record ListedServiceName(string Namespace, string Service);

/// <summary>As written; a null section means all of it.</summary>
internal sealed record ListedTarget(string Kind, string Name, string? SectionName);
