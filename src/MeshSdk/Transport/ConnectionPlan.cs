using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Transport.Lanes;

namespace MeshSdk.Transport;

/// <summary>
/// How the connections of an endpoint are made. What was made by one plan is not used under another: the endpoint then gets a state of its own.
/// Plans that say the same are equal, so that a configuration that is merely read again keeps every connection.
/// </summary>
/// <param name="Settings">What each connection is like.</param>
/// <param name="Lanes">Where they are counted; null where it does not matter how many there are and what is on each.</param>
internal sealed record ConnectionPlan(ConnectionSettings Settings, ClusterLanes? Lanes = null)
{
    public static ConnectionPlan Default { get; } = new(ConnectionSettings.Default);

    /// <summary>The TLS that is laid over them; null: none.</summary>
    public EndpointTls? Tls { get; init; }

    /// <summary>How long a connection over TLS is used at most.</summary>
    public TimeSpan TlsLifetime { get; init; } = TlsLifetimes.Longest;

    /// <summary>Why there must be none, for people; null where there may be. It is never plaintext that takes their place.</summary>
    public string? Refusal { get; init; }

    /// <summary>Whether that is a matter of this endpoint alone, so that others should be used instead.</summary>
    public bool IsWithheld { get; init; }

    /// <summary>Whether nothing is asked of them: true of nearly all, and read for every request.</summary>
    public bool IsPlaintext => Tls is null && Refusal is null;
}
