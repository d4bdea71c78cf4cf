using MeshSdk.Model;

namespace MeshSdk.Compilation.Inbound;

/// <summary>Reads the identities in policies, which stand there without their scheme.</summary>
/// <param name="trustDomains">That of the mesh first, then its aliases.</param>
internal sealed class AuthorizationPrincipals(string[] trustDomains)
{
    // Stands for the trust domain of the mesh, whichever that is.
    private const string Local = "cluster.local";

    // TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT
    private const int PartsOfIdentity = 5;

    /// <summary>One that is of the mesh's own trust domain is as good in any of its aliases, and the other way around.</summary>
    public TextPattern[] Read(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || text.AsSpan().Count('/') != PartsOfIdentity - 1)
        {
            return [TextPattern.Parse(text)];
        }

        var domain = text[..slash];
        if (domain == "*" || (domain != Local && !trustDomains.Any(own => AreAlike(domain, own))))
        {
            return [TextPattern.Parse(text)];
        }

        return
        [
            .. trustDomains
                .Select(own => domain.StartsWith('*') && own.EndsWith(domain[1..], StringComparison.Ordinal) ? text : $"{own}{text[slash..]}")
                .Distinct(StringComparer.Ordinal)
                .Select(TextPattern.Parse),
        ];
    }

    private static bool AreAlike(string left, string right) => left == right || Covers(left, right) || Covers(right, left);

    private static bool Covers(string pattern, string domain) =>
        (pattern.EndsWith('*') && domain.StartsWith(pattern[..^1], StringComparison.Ordinal))
        || (pattern.StartsWith('*') && domain.EndsWith(pattern[1..], StringComparison.Ordinal));
}
