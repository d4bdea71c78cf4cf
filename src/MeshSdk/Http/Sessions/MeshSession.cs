using System.Collections.Concurrent;

namespace MeshSdk;

/// <summary>
/// Remembers the sessions of one logical user (Gateway API, <c>sessionPersistence</c>), so that its calls stay on the endpoints that they began on
/// without anybody passing cookies or headers on. One for each user, conversation or whatever a session is to the application, put on its requests with
/// <see cref="MeshHttpRequestMessageExtensions.SetMeshSession"/>; never one for all users of an <see cref="HttpClient"/>, which would keep all of them on
/// the same endpoint. May be used by several requests at once.
/// </summary>
public sealed class MeshSession
{
    internal static readonly HttpRequestOptionsKey<MeshSession?> Key = new("MeshSdk.Session");

    // By what sessions belong to, a rule: there are as many as rules were called.
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);

    /// <summary>Forgets all of them: the next calls begin new ones.</summary>
    public void Clear() => _tokens.Clear();

    internal string? Find(string scope) => _tokens.GetValueOrDefault(scope);

    internal void Remember(string scope, string token) => _tokens[scope] = token;
}
