using System.Security.Cryptography.X509Certificates;
using MeshSdk.Identity.Certificates;
using MeshSdk.Identity.Protocol;

namespace MeshSdk.Identity.Spiffe;

/// <summary>Reads one message of the Workload API: the identity that this process takes of those in it, and whom it is to believe.</summary>
internal static class SvidMessage
{
    /// <param name="message">All that holds from now on.</param>
    /// <param name="hint">Which identity, where there are several; null: the first.</param>
    /// <exception cref="IdentitySourceException">There is no such identity.</exception>
    public static X509SVID Select(X509SVIDResponse message, string? hint)
    {
        if (message.Svids.Count == 0)
        {
            throw new IdentitySourceException("the message holds no identity");
        }

        // Should two have the same hint, the first has it: the specification says so.
        return hint is null
            ? message.Svids[0]
            : message.Svids.FirstOrDefault(svid => string.Equals(svid.Hint, hint, StringComparison.Ordinal))
                ?? throw new IdentitySourceException($"of {message.Svids.Count} identities none has the hint '{hint}': {Describe(message)}");
    }

    /// <param name="message">All that holds from now on.</param>
    /// <param name="svid">The one that is taken of it.</param>
    /// <param name="now">By the clock of the mesh.</param>
    /// <exception cref="IdentitySourceException">It cannot be used.</exception>
    public static MeshIdentity Read(X509SVIDResponse message, X509SVID svid, DateTimeOffset now)
    {
        if (!SpiffeId.TryParse(svid.SpiffeId, out var id))
        {
            throw new IdentitySourceException($"'{RemoteText.Clean(svid.SpiffeId)}' is no SPIFFE ID");
        }

        var chain = DerCertificates.Read(svid.X509Svid, $"the certificate of {id}");
        var authorities = DerCertificates.Read(svid.Bundle, $"the bundle of {id.TrustDomain}");
        var certified = LeafChecks.Check(chain[0], chain.Skip(1), authorities, now);
        if (certified != id)
        {
            throw new IdentitySourceException($"it is said to be the identity {id}, and its certificate is that of {certified}");
        }

        var bundles = new List<(string TrustDomain, List<X509Certificate2> Authorities)> { (id.TrustDomain, authorities) };
        foreach (var (name, bytes) in message.FederatedBundles)
        {
            var domain = TrustDomainOf(name);
            // What vouches for the own domain came with the identity; another who claims to would be believed for every name in it.
            if (domain == id.TrustDomain)
            {
                throw new IdentitySourceException($"among the bundles of other trust domains is one of the own, {domain}");
            }

            bundles.Add((domain, DerCertificates.Read(bytes, $"the bundle of {domain}")));
        }

        var lists = RevocationLists.Assign(message.Crl, bundles);
        return new MeshIdentity(
            PrivateKeys.Join(chain[0], svid.X509SvidKey.Span),
            chain.Skip(1),
            bundles.Select((bundle, index) => new TrustBundle(bundle.TrustDomain, bundle.Authorities, lists[index])));
    }

    private static string TrustDomainOf(string name)
    {
        const string Scheme = "spiffe://";
        var id = name.StartsWith(Scheme, StringComparison.Ordinal) ? name : Scheme + name;
        return SpiffeId.TryParse(id, out var parsed) && parsed.Path.Length == 0
            ? parsed.TrustDomain
            : throw new IdentitySourceException($"there is a bundle of '{RemoteText.Clean(name)}', which is no trust domain");
    }

    private static string Describe(X509SVIDResponse message) =>
        RemoteText.Clean(string.Join(", ", message.Svids.Select(static svid => $"{svid.SpiffeId} ('{svid.Hint}')")));
}
