using MeshSdk.AspNetCore.Authorization;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Identity;
using MeshSdk.AspNetCore.Telemetry;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>
/// What each request of a caller goes through before the application sees it, as it would in a proxy before the application. Where nothing is asked
/// of callers it allocates nothing, and it never takes a lock.
/// </summary>
internal sealed class InboundMiddleware(RequestDelegate next, MeshServer server, InboundRequests requests, RequestRefusalLog log)
{
    private readonly ExemptPaths _exempt = new(server.Options.PlaintextPaths);

    public Task InvokeAsync(HttpContext context)
    {
        // None over HTTP/3, and where the server is not Kestrel, as in tests of applications: whoever calls there has proved nothing.
        var connection = context.Features.Get<InboundConnection>();
        if (connection is { IsExempt: true })
        {
            // Also beside a proxy, from which ports for probes are often left out.
            return ExemptAsync(context, connection);
        }

        if (server.StandsAside)
        {
            // A proxy has done all this, and its headers are the application's to read. What came past it before it was there has been through nothing.
            if (connection is { IsSecure: true } past)
            {
                if (past.Lapsed is not null)
                {
                    return EndAsync(context, past, past.LocalPort);
                }

                State(context, past);
                past.RequestClose();
            }

            return next(context);
        }

        return requests.AreCounted ? CountAsync(context, connection) : AnswerAsync(context, connection);
    }

    private Task AnswerAsync(HttpContext context, InboundConnection? connection)
    {
        var inbound = server.Inbound;
        State(context, connection);
        if (inbound.Unknown is { } reason)
        {
            return RefuseAsync(context, connection, InboundReply.Unknown, RefusalKind.Unknown, reason);
        }

        // Nobody has come by yet who would have written another port there.
        var port = connection?.LocalPort ?? context.Connection.LocalPort;
        if (!(connection is null ? server.Takes(port, isSecure: false) : server.Allows(connection)))
        {
            return EndAsync(context, connection, port);
        }

        var policies = inbound.Authorization;
        if (!policies.AllowsEveryone)
        {
            var verdict = AuthorizationEngine.Decide(policies, InboundCall.Of(context, connection));
            if (!verdict.IsAllowed)
            {
                server.Metrics.RequestRefused(RefusalKind.Policy);
                log.Denied(context, connection, new PolicyReason(policies, verdict));
                return InboundReply.Denied.WriteAsync(context);
            }
        }

        return next(context);
    }

    /// <summary>
    /// What the request says of its connection is made true: callers write headers and the <c>:scheme</c>, and sidecars write "http" within TLS.
    /// </summary>
    private void State(HttpContext context, InboundConnection? connection)
    {
        var request = context.Request;
        if (connection?.Peer is { } peer)
        {
            request.Scheme = "https";
            request.Headers[ForwardedClientCertificate.Header] = connection.ForwardedCertificate ??= ForwardedClientCertificate.Of(server.Id, peer);
            return;
        }

        request.Headers.Remove(ForwardedClientCertificate.Header);
        if (connection is not null)
        {
            // The application may do TLS itself at an endpoint, which proves nobody to the mesh.
            request.Scheme = context.Features.Get<ITlsHandshakeFeature>() is null ? "http" : "https";
        }
    }

    private Task ExemptAsync(HttpContext context, InboundConnection connection)
    {
        if (server.StandsAside)
        {
            // The scheme may be a proxy's to state. Whom the header names cannot be: ports for probes are those that proxies do not see.
            context.Request.Headers.Remove(ForwardedClientCertificate.Header);
        }
        else
        {
            State(context, connection);
        }

        if (_exempt.Hold(context))
        {
            return next(context);
        }

        server.Metrics.RequestRefused(RefusalKind.Path);
        return InboundReply.NotFound.WriteAsync(context);
    }

    /// <summary>The connection was taken before the mode forbade it, or what it has proved is over: it is let go with this answer.</summary>
    private Task EndAsync(HttpContext context, InboundConnection? connection, int port)
    {
        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        return RefuseAsync(
            context, connection, InboundReply.Denied, RefusalKind.Mode,
            connection is null ? server.Fault(port, isSecure: false) : server.Fault(connection));
    }

    private Task RefuseAsync(HttpContext context, InboundConnection? connection, InboundReply reply, RefusalKind kind, string reason)
    {
        server.Metrics.RequestRefused(kind);
        log.Refused(context, connection, kind, reason);
        return reply.WriteAsync(context);
    }

    private async Task CountAsync(HttpContext context, InboundConnection? connection)
    {
        try
        {
            await AnswerAsync(context, connection).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            requests.Count(context, connection, failure);
            throw;
        }

        requests.Count(context, connection, failure: null);
    }
}
