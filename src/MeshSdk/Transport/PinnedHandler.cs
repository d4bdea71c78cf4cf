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

        // The dial has its own bound, which it reports as a failure to connect and not as a cancelled request.
        handler.ConnectTimeout = Timeout.InfiniteTimeSpan;
        handler.ConnectCallback = new EndpointDialer(address, connectTimeout, settings.Time).ConnectAsync;
        if (protocol == HttpProtocol.Http1)
        {
            // Above TLS, where the application's own https has some: the goodbye of TLS would pass for bytes of a response below it.
            handler.PlaintextStreamFilter = WithoutHiddenResend(handler.PlaintextStreamFilter);
        }

        return handler;
    }

    private static Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>> WithoutHiddenResend(
        Func<SocketsHttpPlaintextStreamFilterContext, CancellationToken, ValueTask<Stream>>? configured)
    {
        if (configured is null)
        {
            return static (context, _) => new ValueTask<Stream>(new NoHiddenResendStream(context.PlaintextStream));
        }

        return async (context, cancellationToken) =>
            new NoHiddenResendStream(await configured(context, cancellationToken).ConfigureAwait(false));
    }
}
