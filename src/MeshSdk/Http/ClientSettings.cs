using System.Diagnostics;
using System.Net;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// What one client expects of its handler, read off the primary handler that the application configured. The mesh takes that handler's place, so it
/// does these things itself, for this client alone.
/// </summary>
internal sealed record ClientSettings
{
    public bool AllowAutoRedirect { get; init; } = true;

    public int MaxAutomaticRedirections { get; init; } = 50;

    /// <summary>Null: the client keeps no cookies.</summary>
    public CookieContainer? Cookies { get; init; }

    public DecompressionMethods Decompression { get; init; }

    public TransportProfile Profile
    {
        get;
        init => (field, MirrorProfile) = (value, value.Anonymous());
    } = TransportProfile.Default;

    /// <summary>The same for copies of requests, which meet no challenge in the client's name.</summary>
    public TransportProfile MirrorProfile { get; private init; } = TransportProfile.Default;

    /// <summary>Where the client has a propagator of its own; null: the process's, if <see cref="TransportProfile.Propagates"/>.</summary>
    public TraceFields? TraceFields { get; init; }

    public bool RecordCalls { get; init; }

    /// <exception cref="InvalidOperationException">The handler does something that the mesh cannot do in its place.</exception>
    public static ClientSettings From(HttpMessageHandler primary, MeshClientOptions options, string clientName)
    {
        var settings = primary switch
        {
            SocketsHttpHandler sockets => From(sockets, clientName),
            HttpClientHandler classic => From(classic, clientName),
            DelegatingHandler wrapper => throw Refused(clientName, wrapper.GetType().Name,
                "is a DelegatingHandler in the place of the primary handler, which calls into the mesh would bypass; add it with AddHttpMessageHandler"),
            _ => new ClientSettings(),
        };
        return settings with
        {
            AllowAutoRedirect = options.AllowAutoRedirect ?? settings.AllowAutoRedirect,
            RecordCalls = options.RecordCalls,
        };
    }

    private static ClientSettings From(SocketsHttpHandler handler, string clientName)
    {
        if (handler.ConnectCallback is not null && handler.Properties.TryGetValue("IsSocketsHttpHandlerSetup", out var isTaken) && isTaken is true)
        {
            // The mark that a gRPC channel leaves on it.
            throw Refused(clientName, nameof(SocketsHttpHandler), "was given to a gRPC channel before, which makes its connections by itself since then: "
                + "make a new one for the mesh, and give the channel what CreateHandler() returns as HttpHandler");
        }

        if (handler.ConnectCallback is not null)
        {
            throw Refused(clientName, nameof(SocketsHttpHandler.ConnectCallback), "cannot be honoured: the mesh dials the endpoint that it has chosen");
        }

        if (handler.PlaintextStreamFilter is not null)
        {
            throw Refused(clientName, nameof(SocketsHttpHandler.PlaintextStreamFilter), "cannot be honoured: connections are shared with other clients");
        }

        var profile = ProfileOf(handler).Interned();
        return new ClientSettings
        {
            AllowAutoRedirect = handler.AllowAutoRedirect,
            MaxAutomaticRedirections = handler.MaxAutomaticRedirections,
            Cookies = handler.UseCookies ? handler.CookieContainer : null,
            Decompression = handler.AutomaticDecompression,
            Profile = profile,
            TraceFields = profile.Propagator is { } own ? new TraceFields(own) : null,
        };
    }

    private static TransportProfile ProfileOf(SocketsHttpHandler handler) => new()
    {
        Credentials = handler.Credentials,
        PreAuthenticate = handler.PreAuthenticate,
        SslOptions = ClientTls.Of(handler),
        MaxConnectionsPerServer = handler.MaxConnectionsPerServer,
        MaxResponseHeadersLength = handler.MaxResponseHeadersLength,
        MaxResponseDrainSize = handler.MaxResponseDrainSize,
        ResponseDrainTimeout = handler.ResponseDrainTimeout,
        Expect100ContinueTimeout = handler.Expect100ContinueTimeout,
        InitialHttp2StreamWindowSize = handler.InitialHttp2StreamWindowSize,
        KeepAlivePingDelay = handler.KeepAlivePingDelay,
        KeepAlivePingTimeout = handler.KeepAlivePingTimeout,
        KeepAlivePingPolicy = handler.KeepAlivePingPolicy,
        RequestHeaderEncodingSelector = handler.RequestHeaderEncodingSelector,
        ResponseHeaderEncodingSelector = handler.ResponseHeaderEncodingSelector,
        Propagates = handler.ActivityHeadersPropagator is not null,
        Propagator = handler.ActivityHeadersPropagator == DistributedContextPropagator.Current ? null : handler.ActivityHeadersPropagator,
    };

    private static ClientSettings From(HttpClientHandler handler, string clientName)
    {
        if (handler.ServerCertificateCustomValidationCallback is { } callback
            && callback != HttpClientHandler.DangerousAcceptAnyServerCertificateValidator)
        {
            throw Refused(clientName, nameof(HttpClientHandler.ServerCertificateCustomValidationCallback),
                "needs the request that opened the connection, which connections to the mesh do not have; use SocketsHttpHandler.SslOptions");
        }

        if (handler.ClientCertificateOptions != ClientCertificateOption.Manual)
        {
            throw Refused(clientName, nameof(HttpClientHandler.ClientCertificateOptions),
                $"is {handler.ClientCertificateOptions}, which the mesh does not do in its place; " +
                "set it to Manual and ClientCertificates, or use SocketsHttpHandler.SslOptions");
        }

        return new ClientSettings
        {
            AllowAutoRedirect = handler.AllowAutoRedirect,
            MaxAutomaticRedirections = handler.MaxAutomaticRedirections,
            Cookies = handler.UseCookies ? handler.CookieContainer : null,
            Decompression = handler.AutomaticDecompression,
            Profile = new TransportProfile
            {
                Credentials = handler.Credentials,
                PreAuthenticate = handler.PreAuthenticate,
                SslOptions = ClientTls.Of(handler),
                MaxConnectionsPerServer = handler.MaxConnectionsPerServer,
                MaxResponseHeadersLength = handler.MaxResponseHeadersLength,
            }.Interned(),
        };
    }

    private static InvalidOperationException Refused(string clientName, string what, string why) =>
        new($"HttpClient '{clientName}' is routed by the mesh, and its {what} {why}. RemoveMeshRouting() takes a client out of the mesh.");
}
