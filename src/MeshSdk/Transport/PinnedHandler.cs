using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>
/// Makes a <see cref="SocketsHttpHandler"/> that talks to one address whatever the request's URI says. The URI stays as the caller wrote it, so
/// that Host, telemetry and errors name the service and not a pod.
/// </summary>
internal static class PinnedHandler
{
    /// <param name="address">Whom to talk to.</param>
    /// <param name="protocol">What is spoken.</param>
    /// <param name="profile">What a client asks for.</param>
    /// <param name="connectTimeout">How long a dial may take, asked before each.</param>
    /// <param name="settings">What all connections of the mesh have in common.</param>
    /// <param name="connections">What the cluster's policy says of connections.</param>
    /// <param name="watch">Null, or who hears of the connections; there is then never more than one at a time.</param>
    /// <param name="security">Null, or the TLS that the mesh lays over them.</param>
    /// <param name="isForeign">See <see cref="ForeignConnections"/>.</param>
    public static SocketsHttpHandler Create(
        IPEndPoint address, HttpProtocol protocol, TransportProfile profile, Func<TimeSpan> connectTimeout, TransportSettings settings,
        ConnectionSettings? connections = null, IConnectionWatch? watch = null, SecureDial? security = null, bool isForeign = false)
    {
        var handler = new SocketsHttpHandler
        {
            // As a sidecar: idle connections to a living endpoint are worth keeping.
            PooledConnectionIdleTimeout = TimeSpan.FromHours(1),
            EnableMultipleHttp2Connections = true,
            MeterFactory = settings.MeterFactory,
        };
        settings.Configure?.Invoke(handler);
        ConnectionOptions.Apply(connections, handler);
        profile.ApplyTo(handler);
        if (security is not null && (handler.PooledConnectionLifetime < TimeSpan.Zero || handler.PooledConnectionLifetime > security.Lifetime))
        {
            // No request fails by that: a connection that has been used for so long gets no further ones.
            handler.PooledConnectionLifetime = security.Lifetime;
        }

        if (watch is not null)
        {
            watch.Configured(handler.MaxConnectionsPerServer, handler.PooledConnectionLifetime);
            handler.MaxConnectionsPerServer = 1;
            handler.EnableMultipleHttp2Connections = false;
        }

        if (isForeign && (handler.PooledConnectionIdleTimeout < TimeSpan.Zero || handler.PooledConnectionIdleTimeout > ForeignConnections.IdleTimeout))
        {
            handler.PooledConnectionIdleTimeout = ForeignConnections.IdleTimeout;
        }

        // What the mesh does itself, above.
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.UseProxy = false;
        handler.AutomaticDecompression = DecompressionMethods.None;

        // The dial has its own bound, TLS included, which it reports as a failure to connect and not as a cancelled request.
        handler.ConnectTimeout = Timeout.InfiniteTimeSpan;
        handler.ConnectCallback = new EndpointDialer(address, connectTimeout, settings.Time, connections, watch, security, protocol).ConnectAsync;
        handler.PlaintextStreamFilter = Filter(connectTimeout, settings.Time, watch, handler.PlaintextStreamFilter);
        return handler;
    }

    // Runs above TLS, that of the mesh or of the application's own https, where there is some.
    private static Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>> Filter(
        Func<TimeSpan> patience, TimeProvider time, IConnectionWatch? watch,
        Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>>? configured)
    {
        Action<int>? allowed = watch is null ? null : watch.Allowed;
        if (configured is null)
        {
            return (context, _) =>
            {
                DialedStream.Ready(context.PlaintextStream);
                return new ValueTask<Stream>(ForRequests(context, context.PlaintextStream));
            };
        }

        return async (context, cancellationToken) =>
        {
            DialedStream.Ready(context.PlaintextStream);
            return ForRequests(context, await configured(context, cancellationToken).ConfigureAwait(false));
        };

        // Above TLS, for below it the goodbye of TLS would pass for bytes of a response. What is spoken may be what TLS has agreed on.
        Stream ForRequests(SocketsHttpPlaintextStreamFilterContext context, Stream connection) =>
            context.NegotiatedHttpVersion.Major >= 2
                ? new PeerSettingsStream(connection, patience(), time, allowed)
                : new NoHiddenResendStream(connection);
    }
}
