using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MeshSdk;

/// <summary>A SPIFFE ID, <c>spiffe://trust-domain/path</c>, as the SPIFFE-ID specification has it. Compared exactly.</summary>
public sealed record SpiffeId
{
    private const string Prefix = "spiffe://";
    private const int LongestId = 2048;
    private const int LongestTrustDomain = 255;

    private static readonly SearchValues<char> DomainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._");
    private static readonly SearchValues<char> SegmentCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    private SpiffeId(string text, string trustDomain) => (_text, TrustDomain) = (text, trustDomain);

    private readonly string _text;

    /// <summary>Whose identities it is one of.</summary>
    public string TrustDomain { get; }

    /// <summary>What follows the trust domain, with the leading slash; empty for the trust domain itself.</summary>
    public string Path => _text[(Prefix.Length + TrustDomain.Length)..];

    /// <summary>The identity of a Kubernetes service account, in the form that Istio gives it: <c>spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT</c>.</summary>
    /// <exception cref="ArgumentException">A part is empty or holds characters that SPIFFE does not allow.</exception>
    public static SpiffeId OfServiceAccount(string trustDomain, string @namespace, string serviceAccount) =>
        TryParse($"{Prefix}{trustDomain?.Replace('@', '.')}/ns/{@namespace}/sa/{serviceAccount}", out var id)
            ? id
            : throw new ArgumentException($"'{trustDomain}', '{@namespace}' and '{serviceAccount}' make no SPIFFE ID");

    /// <summary>Reads one.</summary>
    /// <returns>False where the text is no SPIFFE ID: another scheme, an empty trust domain or segment, a query, or characters that are not allowed.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SpiffeId? id)
    {
        id = null;
        if (text is null || text.Length > LongestId || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = text.AsSpan(Prefix.Length);
        var slash = rest.IndexOf('/');
        var domain = slash < 0 ? rest : rest[..slash];
        if (domain.Length is 0 or > LongestTrustDomain || domain.ContainsAnyExcept(DomainCharacters))
        {
            return false;
        }

        if (slash >= 0)
        {
            foreach (var segment in rest[(slash + 1)..].Split('/'))
            {
                if (!IsSegment(rest[(slash + 1)..][segment]))
                {
                    return false;
                }
            }
        }

        id = new SpiffeId(text, domain.ToString());
        return true;
    }

    /// <summary>As it stands in a certificate.</summary>
    public override string ToString() => _text;

    private static bool IsSegment(ReadOnlySpan<char> segment) =>
        segment is not ("" or "." or "..")
        && !segment.ContainsAnyExcept(SegmentCharacters);
}
