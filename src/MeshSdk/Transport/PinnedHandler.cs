using System.Net;

namespace MeshSdk.Transport;

/// <summary>
/// Makes a <see cref="SocketsHttpHandler"/> that talks to one address whatever the request's URI says. The URI stays as the caller wrote it, so
/// that Host, telemetry and errors name the service and not a pod.
/// </summary>
internal static class PinnedHandler
{
    public static SocketsHttpHandler Create(
        IPEndPoint address, HttpProtocol protocol, TransportProfile profile, Func<TimeSpan> connectTimeout, TransportSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            // As a sidecar: idle connections to a living endpoint are worth keeping.
            PooledConnectionIdleTimeout = TimeSpan.FromHours(1),
            EnableMultipleHttp2Connections = true,
            MeterFactory = settings.MeterFactory,
        };
        settings.Configure?.Invoke(handler);
        profile.ApplyTo(handler);

        // What the mesh does itself, above.
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.UseProxy = false;
        handler.AutomaticDecompression = DecompressionMethods.None;

        // The dial has its own bound, TLS included, which it reports as a failure to connect and not as a cancelled request.
        handler.ConnectTimeout = Timeout.InfiniteTimeSpan;
        handler.ConnectCallback = new EndpointDialer(address, connectTimeout, settings.Time).ConnectAsync;
        handler.PlaintextStreamFilter = Filter(protocol, handler.PlaintextStreamFilter);
        return handler;
    }

    // Runs above TLS, where the application's own https has some.
    private static Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>> Filter(
        HttpProtocol protocol, Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>>? configured)
    {
        if (configured is null)
        {
            return (context, _) =>
            {
                DialedStream.Ready(context.PlaintextStream);
                return new ValueTask<Stream>(ForRequests(protocol, context.PlaintextStream));
            };
        }

        return async (context, cancellationToken) =>
        {
            DialedStream.Ready(context.PlaintextStream);
            return ForRequests(protocol, await configured(context, cancellationToken).ConfigureAwait(false));
        };
    }

    // Above TLS, for below it the goodbye of TLS would pass for bytes of a response.
    private static Stream ForRequests(HttpProtocol protocol, Stream connection) =>
        protocol == HttpProtocol.Http1 ? new NoHiddenResendStream(connection) : connection;
}
