using System.Net.Http.Headers;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>
/// Conditions on headers. What counts is what would go out: request headers, content headers, and Host, which a request without a Host header
/// takes from its URI.
/// </summary>
internal static class HeaderMatcher
{
    public static bool Matches(ReadOnlySpan<ValueMatch> conditions, HttpRequestMessage request)
    {
        foreach (var condition in conditions)
        {
            if (Find(condition.Name, request) is not { } value || !ValueMatcher.Matches(condition, value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The header's value, several ones joined to one; null where the request has no such header.</summary>
    public static string? Find(string name, HttpRequestMessage request)
    {
        if (name.Equals("Host", StringComparison.OrdinalIgnoreCase))
        {
            return request.Headers.Host ?? request.RequestUri!.Authority;
        }

        return Find(name, request.Headers.NonValidated)
            ?? (request.Content is { } content ? Find(name, content.Headers.NonValidated) : null);
    }

    private static string? Find(string name, HttpHeadersNonValidated headers)
    {
        if (!headers.TryGetValues(name, out var values))
        {
            return null;
        }

        // One raw value costs nothing here; several are joined as they will be on the wire of a proxy.
        return values.Count == 1 || !IsList(name) ? values.ToString() : string.Join(',', (IEnumerable<string>)values);
    }

    // These two are not divided by commas, but by what HttpClient writes between their values.
    private static bool IsList(string name) =>
        !name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) && !name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase);
}
