namespace MeshSdk.Transport.Lanes;

/// <summary>
/// Which requests may share a connection: what the pools of a handler go by, the authority in the URI and over TLS the Host header, and what handlers are
/// made for.
/// </summary>
internal readonly record struct LaneKey(
    HttpProtocol Protocol, TransportProfile Profile, bool IsSecure, string Host, int Port, string? Name)
{
    /// <summary>Whether the name is not the service's own. Keeps no requests apart, for the name does.</summary>
    public bool IsForeign { get; init; }

    public static LaneKey Of(HttpRequestMessage request, HttpProtocol protocol, TransportProfile profile, bool isForeign)
    {
        var uri = request.RequestUri!;
        var isSecure = uri.Scheme is "https" or "wss";
        return new LaneKey(protocol, profile, isSecure, uri.IdnHost, uri.Port, isSecure ? request.Headers.Host : null) { IsForeign = isForeign };
    }

    // Profiles by identity, as handlers are kept by it: two that ask for the same may still hold different credentials.
    public bool Equals(LaneKey other) =>
        Protocol == other.Protocol && ReferenceEquals(Profile, other.Profile) && IsSecure == other.IsSecure && Port == other.Port
        && Host == other.Host && Name == other.Name;

    public override int GetHashCode() => HashCode.Combine(Protocol, IsSecure, Port, Host);
}
