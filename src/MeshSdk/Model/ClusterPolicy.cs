using System.Text.Json;

namespace MeshSdk.Model;

/// <summary>Which policy object shaped a cluster, and what it states; kept so that people can be told.</summary>
/// <param name="Name">The policy's namespace and name; null where none applies.</param>
/// <param name="TlsMode">The mode that the policy states, in its own words; null where it states none.</param>
/// <param name="OutlierDetection">The block as written; null where there is none.</param>
/// <param name="ConnectionPool">The block as written; null where there is none.</param>
internal sealed record ClusterPolicy(ServiceId? Name, string? TlsMode, JsonElement? OutlierDetection, JsonElement? ConnectionPool)
{
    public static ClusterPolicy None { get; } = new(null, null, null, null);
}
