using MeshSdk.AspNetCore.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>
/// What a connection goes through before HTTP: it is told by its first byte, and goes on as plaintext or by way of Kestrel's own TLS. The endpoint itself
/// stays one without TLS in Kestrel's eyes, since it may be both.
/// </summary>
internal sealed class InboundPipeline(MeshServer server, ListenOptions endpoint, ConnectionDelegate next)
{
    private readonly ConnectionDelegate _plain = next;
    private readonly ConnectionDelegate _secure = Secured(server, endpoint, next);

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var inbound = new InboundConnection(connection, isExempt: false);
        connection.Features.Set<IMeshPeerFeature>(inbound);
        connection.Features.Set(inbound);
        bool? isTls;
        try
        {
            isTls = await TlsSniffer.IsTlsAsync(connection, server.Options.SniffTimeout, server.Time).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            server.Metrics.ConnectionRefused(isSecure: false, ConnectionRefusal.Timeout);
            connection.Abort(new ConnectionAbortedException("the caller kept silent for too long"));
            return;
        }

        if (isTls is not { } secure)
        {
            return;
        }

        if (!server.Takes(inbound.LocalPort, secure))
        {
            server.Metrics.ConnectionRefused(secure, secure ? ConnectionRefusal.Disabled : ConnectionRefusal.Strict);
        }
        else
        {
            if (!secure)
            {
                server.Metrics.ConnectionTaken(isSecure: false);
            }

            await (secure ? _secure : _plain)(connection).ConfigureAwait(false);
        }
    }

    // Kestrel makes its TLS for endpoints alone, so that one is made for it that nobody listens at.
    private static ConnectionDelegate Secured(MeshServer server, ListenOptions endpoint, ConnectionDelegate next)
    {
        ListenOptions? branch = null;
        new KestrelServerOptions { ApplicationServices = endpoint.ApplicationServices }.Listen(endpoint.EndPoint, options => branch = options);
        branch!.Protocols = endpoint.Protocols;
        branch.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = server.Options.HandshakeTimeout,
            OnConnection = async context =>
            {
                var (options, check) = await server.Acceptor.PrepareAsync(context.CancellationToken).ConfigureAwait(false);
                var accepts = options.RemoteCertificateValidationCallback!;
                var inbound = context.Connection.Features.Get<InboundConnection>()!;
                options.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                {
                    if (!accepts(sender, certificate, chain, errors))
                    {
                        server.Metrics.ConnectionRefused(isSecure: true, ConnectionRefusal.Certificate);
                        return false;
                    }

                    server.Metrics.ConnectionTaken(isSecure: true);
                    inbound.Peer = new MeshPeer(check.Caller!, (System.Security.Cryptography.X509Certificates.X509Certificate2)certificate!);
                    return true;
                };
                return options;
            },
        });
        branch.Use(_ => next);
        return branch.Build();
    }
}
