using System.Net;
using MeshSdk.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

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

    public static InboundCall Of(HttpContext context, InboundConnection? connection) => new()
    {
        Caller = connection?.Peer?.Id,
        Address = connection is null ? context.Connection.RemoteIpAddress : connection.RemoteAddress,
        Port = connection?.LocalPort ?? context.Connection.LocalPort,
        Method = context.Request.Method,
        Host = context.Request.Host.Value ?? "",
        Target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? "",
    };
}
