using System.Text.Json.Serialization;

namespace MeshSdk.Tool.Identity;

/// <summary>
/// Who the caller is to its peers. The properties and their order are a public interface that scripts read: may grow, never change. Holds nothing of a key.
/// </summary>
/// <param name="Source">Where it comes from, as in <c>PEM files in /etc/certs</c>; null: there is none.</param>
/// <param name="SpiffeId">Null where there is none, or none yet.</param>
/// <param name="NotAfter">Until when the certificate is valid.</param>
/// <param name="Authorities">How many certificates of authorities it believes, of each trust domain.</param>
/// <param name="Problem">Why there is none, or none yet; null where there is one.</param>
internal sealed record CallerIdentity(
    string? Source, string? SpiffeId, DateTimeOffset? NotAfter, IReadOnlyList<CallerTrust> Authorities, string? Problem)
{
    /// <param name="reason">What was looked for.</param>
    public static CallerIdentity None(string reason) => new(null, null, null, [], reason);

    /// <summary>Whether there is one, or one to wait for.</summary>
    [JsonIgnore]
    public bool HasSource => Source is not null;
}

/// <param name="TrustDomain">Null: that of the identity itself.</param>
internal sealed record CallerTrust(string? TrustDomain, int Certificates);
