using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;

namespace MeshSdk.Transport;

/// <summary>
/// What one client's own handler asks of its connections, beyond what all have in common. Clients with the same profile share connections; nearly all
/// have the default one.
/// </summary>
internal sealed record TransportProfile
{
    private static readonly SocketsHttpHandler Fresh = new();
    private static readonly DistributedContextPropagator NoOutput = DistributedContextPropagator.CreateNoOutputPropagator();
    private static readonly ConcurrentDictionary<TransportProfile, TransportProfile> Plain = new();

    public static TransportProfile Default { get; } = new();

    public ICredentials? Credentials { get; init; }

    public bool PreAuthenticate { get; init; }

    /// <summary>For an application's own <c>https</c> calls; null: the framework's defaults.</summary>
    public SslClientAuthenticationOptions? SslOptions { get; init; }

    public int MaxConnectionsPerServer { get; init; } = Fresh.MaxConnectionsPerServer;

    public int MaxResponseHeadersLength { get; init; } = Fresh.MaxResponseHeadersLength;

    public int MaxResponseDrainSize { get; init; } = Fresh.MaxResponseDrainSize;

    public TimeSpan ResponseDrainTimeout { get; init; } = Fresh.ResponseDrainTimeout;

    public TimeSpan Expect100ContinueTimeout { get; init; } = Fresh.Expect100ContinueTimeout;

    public int InitialHttp2StreamWindowSize { get; init; } = Fresh.InitialHttp2StreamWindowSize;

    public TimeSpan KeepAlivePingDelay { get; init; } = Fresh.KeepAlivePingDelay;

    public TimeSpan KeepAlivePingTimeout { get; init; } = Fresh.KeepAlivePingTimeout;

    public HttpKeepAlivePingPolicy KeepAlivePingPolicy { get; init; } = Fresh.KeepAlivePingPolicy;

    public HeaderEncodingSelector<HttpRequestMessage>? RequestHeaderEncodingSelector { get; init; }

    public HeaderEncodingSelector<HttpRequestMessage>? ResponseHeaderEncodingSelector { get; init; }

    /// <summary>False: the trace is not handed on to the server.</summary>
    public bool Propagates { get; init; } = true;

    /// <summary>How it is handed on; null: as the process does.</summary>
    public DistributedContextPropagator? Propagator { get; init; }

    /// <summary>Read on every request; the value comparison is done once, when the client is made.</summary>
    public bool IsDefault => ReferenceEquals(this, Default);

    // Numbers, times and switches alone: an application writes few of those down. Credentials, certificates and callbacks may be new objects
    // every time; a propagator too, but for the one that sends nothing.
    private bool IsPlain =>
        (Credentials, SslOptions, RequestHeaderEncodingSelector, ResponseHeaderEncodingSelector) is (null, null, null, null)
        && (Propagator is null || ReferenceEquals(Propagator, NoOutput));

    /// <summary>The instance that all clients with the same wishes share, as far as wishes can be told to be the same.</summary>
    public TransportProfile Interned() => Equals(Default) ? Default : IsPlain ? Plain.GetOrAdd(this, this) : this;

    /// <summary>The same for requests that meet no challenge.</summary>
    public TransportProfile Anonymous() => Credentials is null ? this : (this with { Credentials = null, PreAuthenticate = false }).Interned();

    /// <summary>Only what a client changed is set: the rest stays as the mesh has configured it.</summary>
    public void ApplyTo(SocketsHttpHandler handler)
    {
        if (IsDefault)
        {
            return;
        }

        handler.Credentials = Credentials;
        handler.PreAuthenticate = PreAuthenticate;
        handler.RequestHeaderEncodingSelector = RequestHeaderEncodingSelector ?? handler.RequestHeaderEncodingSelector;
        handler.ResponseHeaderEncodingSelector = ResponseHeaderEncodingSelector ?? handler.ResponseHeaderEncodingSelector;
        if (!Propagates || Propagator is not null)
        {
            handler.ActivityHeadersPropagator = Propagator;
        }

        if (SslOptions is not null)
        {
            handler.SslOptions = SslOptions;
        }

        if (MaxConnectionsPerServer != Default.MaxConnectionsPerServer)
        {
            handler.MaxConnectionsPerServer = MaxConnectionsPerServer;
        }

        if (MaxResponseHeadersLength != Default.MaxResponseHeadersLength)
        {
            handler.MaxResponseHeadersLength = MaxResponseHeadersLength;
        }

        if (MaxResponseDrainSize != Default.MaxResponseDrainSize)
        {
            handler.MaxResponseDrainSize = MaxResponseDrainSize;
        }

        if (ResponseDrainTimeout != Default.ResponseDrainTimeout)
        {
            handler.ResponseDrainTimeout = ResponseDrainTimeout;
        }

        if (Expect100ContinueTimeout != Default.Expect100ContinueTimeout)
        {
            handler.Expect100ContinueTimeout = Expect100ContinueTimeout;
        }

        if (InitialHttp2StreamWindowSize != Default.InitialHttp2StreamWindowSize)
        {
            handler.InitialHttp2StreamWindowSize = InitialHttp2StreamWindowSize;
        }

        if (KeepAlivePingDelay != Default.KeepAlivePingDelay)
        {
            handler.KeepAlivePingDelay = KeepAlivePingDelay;
            handler.KeepAlivePingTimeout = KeepAlivePingTimeout;
            handler.KeepAlivePingPolicy = KeepAlivePingPolicy;
        }
    }
}
