using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Revocation;

/// <summary>
/// Some revocation lists, and whether a chain stands up to them. A list that is out of date, or not signed by the authority that it names, tells
/// nothing, and whom it would be about is refused.
/// </summary>
/// <param name="lists">All of them.</param>
/// <param name="demandsAll">
/// Whether every authority in a chain has to have one, as where a policy names a file of lists. Those that come with a mesh's trust bundle are
/// often of the authorities at the top alone: short-lived certificates below are not revoked but left to expire.
/// </param>
internal sealed class RevocationLists(ImmutableArray<RevocationList> lists, bool demandsAll)
{
    public static RevocationLists None { get; } = new([], demandsAll: false);

    /// <param name="path">From the leaf up; the last one is trusted.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null where none is revoked; else why it is refused, for people.</returns>
    public string? Fault(IReadOnlyList<X509Certificate2> path, DateTimeOffset now)
    {
        if (lists.IsEmpty)
        {
            return null;
        }

        for (var i = 0; i + 1 < path.Count; i++)
        {
            if (Fault(path[i], path[i + 1], now) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Whether one is revoked that has stood up to the lists before: one that has merely become too old takes nothing back.</summary>
    /// <param name="path">From the leaf up; the last one is trusted.</param>
    /// <returns>Null where none is; else which, for people.</returns>
    public string? Revoked(IReadOnlyList<X509Certificate2> path)
    {
        for (var i = 0; i + 1 < path.Count; i++)
        {
            foreach (var list in lists)
            {
                if (list.Revokes(path[i]) && list.Names(path[i + 1]) && list.IsSignedBy(path[i + 1]))
                {
                    return Revoked(path[i], path[i + 1], list);
                }
            }
        }

        return null;
    }

    private static string Revoked(X509Certificate2 certificate, X509Certificate2 authority, RevocationList list) =>
        $"its certificate is revoked: the list of {CertificateLabel.Of(authority)} of {list.ThisUpdate:u} names {CertificateLabel.Of(certificate)}";

    private string? Fault(X509Certificate2 certificate, X509Certificate2 authority, DateTimeOffset now)
    {
        string? fault = demandsAll ? $"there is no revocation list of {CertificateLabel.Of(authority)}, so that nobody can tell whether {CertificateLabel.Of(certificate)} is revoked" : null;
        var isKnown = false;
        foreach (var list in lists)
        {
            if (!list.Names(authority))
            {
                continue;
            }

            if (!list.IsSignedBy(authority))
            {
                return $"the revocation list of {CertificateLabel.Of(authority)} has a signature that is not that authority's";
            }

            if (list.Revokes(certificate))
            {
                return Revoked(certificate, authority, list);
            }

            if (list.ThisUpdate > now || list.NextUpdate < now)
            {
                fault = $"the revocation list of {CertificateLabel.Of(authority)} is for {list.ThisUpdate:u} to {list.NextUpdate:u}, and it is {now:u}; put a newer one in its place";
            }
            else
            {
                isKnown = true;
            }
        }

        return isKnown ? null : fault;
    }
}
