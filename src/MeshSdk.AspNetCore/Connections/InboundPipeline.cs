using System.Net.Security;
using System.Security.Authentication;
using MeshSdk.Security;
using MeshSdk.Security.Handshakes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>
/// What a connection goes through before HTTP: it is told by its first byte, and goes on as plaintext or by way of Kestrel's own TLS. The endpoint itself
/// stays one without TLS in Kestrel's eyes, since it may be both. One that the application has made one of TLS itself is left alone: to the mesh its
/// connections prove nobody, as plaintext does not.
/// </summary>
internal sealed class InboundPipeline
{
    private readonly MeshServer _server;
    private readonly EndpointKind _kind;
    private readonly ConnectionDelegate _plain;
    private readonly ConnectionDelegate? _secure;

    public InboundPipeline(MeshServer server, ListenOptions endpoint, ConnectionDelegate next)
    {
        (_server, _plain) = (server, next);
        _kind = server.Endpoints.Bind(endpoint);
        _secure = _kind == EndpointKind.Mesh ? Secured(endpoint, next) : null;
    }

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var inbound = new InboundConnection(connection, _kind == EndpointKind.Plaintext || _server.IsPlaintextPort(connection.LocalEndPoint))
        {
            SilentUntil = _server.EndOfPatience(),
        };
        connection.Features.Set<IMeshPeerFeature>(inbound);
        connection.Features.Set(inbound);
        _server.Connections.Add(inbound);
        try
        {
            if (await NextAsync(connection, inbound).ConfigureAwait(false) is { } next)
            {
                await next(connection).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (inbound.Phase != ConnectionPhase.Open)
        {
            // What TLS makes of garbage differs by platform, and Kestrel takes only a part of it for the caller's fault. It is an error of nobody's here.
            inbound.Refusal ??= new Refusal(RefusalCause.Handshake, $"it did not get through the TLS handshake: {PeerText.Clean(e.GetType().Name + " " + e.Message)}");
        }
        finally
        {
            inbound.End();
            _server.Connections.Remove(inbound);
            if (inbound.Phase != ConnectionPhase.Open || inbound.Refusal is not null)
            {
                Conclude(connection, inbound);
            }
        }
    }

    /// <returns>Where the connection goes on; null: nowhere.</returns>
    private ValueTask<ConnectionDelegate?> NextAsync(ConnectionContext connection, InboundConnection inbound)
    {
        if (inbound.IsExempt || _kind != EndpointKind.Mesh || _server.StandsAside)
        {
            return new ValueTask<ConnectionDelegate?>(Plain(inbound));
        }

        inbound.MindStop();
        return SniffAsync(connection, inbound);
    }

    private async ValueTask<ConnectionDelegate?> SniffAsync(ConnectionContext connection, InboundConnection inbound) =>
        await TlsSniffer.IsTlsAsync(connection.Transport.Input).ConfigureAwait(false) switch
        {
            true => Secure(inbound),
            false => Plain(inbound),
            null => null,
        };

    // Open first and then the look at the mode: a change either sees the connection, or is seen here.
    private ConnectionDelegate? Plain(InboundConnection inbound)
    {
        if (!inbound.Open(ConnectionPhase.Silent))
        {
            return null;
        }

        if (_server.Allows(inbound))
        {
            if (!inbound.IsExempt && !_server.StandsAside)
            {
                _server.Metrics.ConnectionTaken(isSecure: false);
                if (_server.Acceptor.HasSource)
                {
                    // Where there is nothing to show, nobody can come in another way.
                    _server.PlaintextCallers.Taken(inbound, _server.ModeOf(inbound.LocalPort), _server.StatedMode(inbound.LocalPort));
                }
            }

            return _plain;
        }

        inbound.Refusal = new Refusal(RefusalCause.Plaintext, _kind == EndpointKind.OwnTls
            ? $"its TLS is the application's own and proves nobody to the mesh, and {_server.StatedMode(inbound.LocalPort)}"
            : _server.Fault(inbound));
        return null;
    }

    private ConnectionDelegate? Secure(InboundConnection inbound)
    {
        inbound.Refusal = (_server.Takes(inbound.LocalPort, isSecure: true), _server.Acceptor.HasSource) switch
        {
            (false, _) => TlsRefused(inbound),
            (_, false) => new Refusal(RefusalCause.NoIdentity, $"it came by TLS, and there is nothing to show it: {_server.Acceptor.Unavailable}"),
            _ => null,
        };
        return inbound.Refusal is null && inbound.Advance(ConnectionPhase.Silent, ConnectionPhase.Greeting) ? _secure : null;
    }

    private Refusal TlsRefused(InboundConnection inbound) => new(RefusalCause.Tls, _server.Fault(inbound.LocalPort, isSecure: true));

    private void Conclude(ConnectionContext connection, InboundConnection inbound)
    {
        var phase = inbound.Phase;
        if (phase == ConnectionPhase.GivenUp)
        {
            inbound.Refusal = new Refusal(RefusalCause.Silence, "it kept silent for too long (Mesh:Server:SniffTimeout), or until the server stopped");
            connection.Abort(new ConnectionAbortedException(inbound.Refusal.Reason));
        }
        else if (phase is ConnectionPhase.Greeting or ConnectionPhase.Handshaking)
        {
            inbound.Refusal ??= inbound.Check is { Refusal: { } refusal } check
                ? new Refusal(check.HasShown ? RefusalCause.Certificate : RefusalCause.NoCertificate, refusal)
                : new Refusal(RefusalCause.Handshake, "it did not get through the TLS handshake; Kestrel's own log says more at the level Debug");
        }

        inbound.Check = null;
        if (inbound.Refusal is { } reason)
        {
            _server.Metrics.ConnectionRefused(reason.Cause);
            _server.Refusals.Add(inbound, reason);
        }
    }

    // Kestrel makes its TLS for endpoints alone, so that one is made for it that nobody listens at.
    private ConnectionDelegate Secured(ListenOptions endpoint, ConnectionDelegate next)
    {
        ListenOptions? branch = null;
        new KestrelServerOptions { ApplicationServices = endpoint.ApplicationServices }.Listen(endpoint.EndPoint, options => branch = options);
        branch!.Protocols = endpoint.Protocols & ~HttpProtocols.Http3;
        branch.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = _server.Options.HandshakeTimeout, OnConnection = PrepareAsync });
        branch.Use(_ => connection => Admits(connection) ? next(connection) : Task.CompletedTask);
        return branch.Build();
    }

    // The greeting has been read.
    private async ValueTask<SslServerAuthenticationOptions> PrepareAsync(TlsHandshakeCallbackContext context)
    {
        var inbound = context.Connection.Features.Get<InboundConnection>()!;
        if (!inbound.Advance(ConnectionPhase.Greeting, ConnectionPhase.Handshaking))
        {
            throw new AuthenticationException("the server stops");
        }

        try
        {
            var (options, check) = await _server.Acceptor.PrepareAsync(context.CancellationToken).ConfigureAwait(false);
            inbound.Check = check;
            return options;
        }
        catch (IdentityUnavailableException e)
        {
            inbound.Refusal = new Refusal(RefusalCause.NoIdentity, $"it came by TLS, and there is nothing to show it: {e.Message}");

            // Of this kind Kestrel makes no noise of its own.
            throw new AuthenticationException(e.Message, e);
        }
    }

    // The handshake is over. What it has found out counts from here on, and nothing of it where anything is missing.
    private bool Admits(ConnectionContext connection)
    {
        var inbound = connection.Features.Get<InboundConnection>()!;
        var check = inbound.Check;
        if (check?.Caller is not { } caller || connection.Features.Get<ISslStreamFeature>() is not { SslStream: var stream })
        {
            inbound.Refusal = new Refusal(RefusalCause.Certificate, check?.Refusal ?? "nothing was proved in the handshake");
            return false;
        }

        if (CipherSuites.Fault(stream) is { } fault)
        {
            inbound.Refusal = new Refusal(RefusalCause.Certificate, $"it {fault}");
            return false;
        }

        inbound.Check = null;
        inbound.Prove(caller, check.NotAfter, _server.Time.GetUtcNow().UtcDateTime);
        if (!inbound.Open(ConnectionPhase.Handshaking))
        {
            return false;
        }

        // As with the mode. The check has gone by what was believed when the handshake began, and callers decide how long one takes.
        if (_server.Acceptor.Trust?.Withdrawn(caller.Id, caller.Path) is { } withdrawn)
        {
            inbound.Lapse(withdrawn);
        }

        inbound.Refusal = inbound.Lapsed is { } lapsed ? new Refusal(RefusalCause.Certificate, lapsed) : _server.Allows(inbound) ? null : TlsRefused(inbound);
        if (inbound.Refusal is null)
        {
            _server.Metrics.ConnectionTaken(isSecure: true);
        }

        return inbound.Refusal is null;
    }
}
