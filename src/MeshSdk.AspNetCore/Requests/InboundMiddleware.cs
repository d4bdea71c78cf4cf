using MeshSdk.AspNetCore.Authorization;
using MeshSdk.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>What each request of a caller goes through before the application sees it, as it would in a proxy before the application.</summary>
internal sealed class InboundMiddleware(RequestDelegate next, MeshServer server)
{
    private const string ForwardedCertificate = "x-forwarded-client-cert";

    public Task InvokeAsync(HttpContext context)
    {
        var connection = context.Features.Get<InboundConnection>();
        context.Request.Headers.Remove(ForwardedCertificate);
        if (connection?.ForwardedCertificate is { } forwarded)
        {
            context.Request.Headers[ForwardedCertificate] = forwarded;
        }

        if (server.Inbound.Unknown is not null)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }

        if (!AuthorizationEngine.Decide(server.Inbound.Authorization, InboundCall.Of(context, connection)).IsAllowed)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        return next(context);
    }
}
