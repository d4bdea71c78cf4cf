using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Access;

/// <summary>
/// Issues bearer tokens and knows whom they stand for. They are JSON web tokens like those of a cluster, since clients may look at their expiry; what
/// counts here is that the server has issued them.
/// </summary>
internal sealed class TokenAuthority
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Grant> _grants = new(StringComparer.Ordinal);
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly TimeProvider _time;

    public TokenAuthority(TimeProvider time)
    {
        _time = time;
        Administrator = IssueAdministrator();
    }

    /// <summary>May do everything, and does not expire.</summary>
    public string Administrator { get; }

    public (string Token, DateTimeOffset Expiry) Issue(string ns, string serviceAccount, TimeSpan? lifetime)
    {
        var now = _time.GetUtcNow();
        var expiry = now + (lifetime ?? DefaultLifetime);
        var name = $"system:serviceaccount:{ns}:{serviceAccount}";
        var token = Sign(new()
        {
            ["aud"] = new JsonArray("https://kubernetes.default.svc.cluster.local"),
            ["exp"] = expiry.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = "https://kubernetes.default.svc.cluster.local",
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = new JsonObject { ["namespace"] = ns, ["serviceaccount"] = new JsonObject { ["name"] = serviceAccount } },
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = name,
        });
        _grants[token] = new(
            new(name, ["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"]), expiry, IsServiceAccount: true);
        return (token, expiry);
    }

    /// <summary>Null: the token is none, or no longer valid.</summary>
    public ApiUser? Authenticate(string token) =>
        _grants.TryGetValue(token, out var grant) && grant.Expiry > _time.GetUtcNow() ? grant.User : null;

    /// <summary>Ends the tokens of all service accounts; new ones may be issued.</summary>
    public void ExpireServiceAccounts()
    {
        foreach (var (token, grant) in _grants)
        {
            if (grant.IsServiceAccount)
            {
                _grants.TryRemove(token, out _);
            }
        }
    }

    private string IssueAdministrator()
    {
        var token = Sign(new() { ["sub"] = "kubernetes-admin", ["jti"] = Guid.NewGuid().ToString() });
        _grants[token] = new(new("kubernetes-admin", ["system:masters", "system:authenticated"]), DateTimeOffset.MaxValue, IsServiceAccount: false);
        return token;
    }

    private string Sign(JsonObject claims)
    {
        var content = $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{Encode(claims.ToJsonString())}";
        return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(content)))}";

        static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
    }

    private sealed record Grant(ApiUser User, DateTimeOffset Expiry, bool IsServiceAccount);
}
