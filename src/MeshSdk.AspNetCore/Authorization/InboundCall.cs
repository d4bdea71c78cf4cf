using System.Net;
using MeshSdk.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MeshSdk.AspNetCore.Authorization;

/// <summary>What authorization policies look at of a request. Nothing is made for it: it points at what is there.</summary>
internal readonly struct InboundCall
{
    /// <summary>Who calls; null where that was not proved.</summary>
    public SpiffeId? Caller { get; init; }

    /// <summary>Who is at the other end of the connection.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port that it came in at.</summary>
    public int Port { get; init; }

    public string Method { get; init; }

    /// <summary>The <c>:authority</c>, or the Host header.</summary>
    public string Host { get; init; }

    /// <summary>As it was sent, with the query.</summary>
    public string Target { get; init; }

    /// <summary>What the application is given as the path.</summary>
    public string Path { get; init; }

    public static InboundCall Of(HttpContext context, InboundConnection? connection)
    {
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        return new()
        {
            Caller = connection?.Peer?.Id,
            Address = connection is null ? context.Connection.RemoteIpAddress : connection.RemoteAddress,
            Port = connection?.LocalPort ?? context.Connection.LocalPort,
            Method = request.Method,
            Host = context.Request.Host.Value ?? "",
            Target = request.RawTarget,
            Path = request.PathBase.Length == 0 ? request.Path : string.Concat(request.PathBase, request.Path),
        };
    }
}
