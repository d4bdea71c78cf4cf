using System.Globalization;
using MeshSdk.Model;

namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>Hashes a cookie; where a request has none and one is made for it, that one.</summary>
internal sealed class CookieHash(HashModel model, Random random) : RequestHash(random)
{
    public override HashCookie? NewCookie(HttpRequestMessage request) =>
        model.Ttl is null || !Find(request).IsEmpty ? null : new HashCookie(model, Chance().ToString("x16", CultureInfo.InvariantCulture));

    protected override bool TryHash(in PickContext context, out ulong hash)
    {
        var value = context.Cookie is { } cookie ? cookie.Value : Find(context.Request);
        hash = XxHash.Of(value);
        return !value.IsEmpty;
    }

    // The first of that name; an empty one is as good as none.
    private ReadOnlySpan<char> Find(HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.TryGetValues("Cookie", out var headers))
        {
            return [];
        }

        foreach (var header in headers)
        {
            var rest = header.AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var cookie = (end < 0 ? rest : rest[..end]).TrimStart(' ');
                rest = end < 0 ? [] : rest[(end + 1)..];
                if (cookie.Length > model.Name.Length && cookie[model.Name.Length] == '=' && cookie.StartsWith(model.Name, StringComparison.Ordinal))
                {
                    var value = cookie[(model.Name.Length + 1)..];
                    return value is ['"', .. var quoted, '"'] ? quoted : value;
                }
            }
        }

        return [];
    }
}
