using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Conformance.Echo;

/// <summary>
/// The server in a pod: answers with what it received, in the line format of the upstream conformance suite. Every port speaks HTTP/1.1, HTTP/2 by prior
/// knowledge, gRPC and WebSocket.
/// </summary>
internal sealed class EchoServer : IAsyncDisposable
{
    /// <summary>Headers that the answer is to have: <c>Name:value</c>, with commas between several.</summary>
    public const string ResponseHeaders = "X-Echo-Set-Header";

    private readonly EchoIdentity _identity;
    private readonly WebApplication _server;
    private readonly Dictionary<int, int> _containerPorts = [];

    private EchoServer(EchoIdentity identity, Action<KestrelServerOptions> listen)
    {
        _identity = identity;

        // The empty builder reads no configuration that would bend the server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowAlternateSchemes = true;
            listen(kestrel);
        });
        _server = builder.Build();
        _server.UseWebSockets();
        _server.Run(AnswerAsync);
    }

    public EchoIdentity Identity => _identity;

    public RequestLog Log { get; } = new();

    /// <summary>Where it really listens, by the port that the container seems to have.</summary>
    public IReadOnlyDictionary<int, IPEndPoint> EndPoints { get; private set; } = new Dictionary<int, IPEndPoint>();

    /// <summary>Listens on loopback, on whatever ports are free.</summary>
    /// <param name="identity">Who the server says that it is.</param>
    /// <param name="containerPorts">For each of them there is one that it really listens on.</param>
    /// <param name="certificates">The ports that speak TLS and nothing else, and what they show.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<EchoServer> StartLocalAsync(
        EchoIdentity identity,
        IReadOnlyList<int> containerPorts,
        IReadOnlyDictionary<int, X509Certificate2> certificates,
        CancellationToken cancellationToken)
    {
        var server = new EchoServer(identity, kestrel =>
        {
            foreach (var port in containerPorts)
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen =>
                {
                    if (certificates.TryGetValue(port, out var certificate))
                    {
                        listen.UseHttps(certificate);
                    }
                    else
                    {
                        listen.UsePriorKnowledge();
                    }
                });
            }
        });
        await server._server.StartAsync(cancellationToken);
        var endPoints = server._server.Urls.Select(static url => IPEndPoint.Parse(new Uri(url).Authority)).ToList();
        server.EndPoints = containerPorts.Zip(endPoints).ToDictionary(static pair => pair.First, static pair => pair.Second);
        foreach (var (container, endPoint) in server.EndPoints)
        {
            server._containerPorts[endPoint.Port] = container;
        }

        return server;
    }

    /// <summary>Listens on the ports themselves, as in a container, until the process is told to end.</summary>
    public static async Task RunAsync(EchoIdentity identity, IReadOnlyList<int> ports)
    {
        await using var server = new EchoServer(identity, kestrel =>
        {
            foreach (var port in ports)
            {
                kestrel.ListenAnyIP(port, static listen => listen.UsePriorKnowledge());
            }
        });
        await server._server.RunAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var port = _containerPorts.GetValueOrDefault(context.Connection.LocalPort, context.Connection.LocalPort);
        if (context.WebSockets.IsWebSocketRequest)
        {
            await EchoSocketAsync(context);
            return;
        }

        var request = await EchoRequest.ReadAsync(_identity, port, context);
        var before = Log.Add(request);
        var script = FailureScript.Of(context.Request.Query);
        await Task.Delay(script.Delay + (before < script.FirstDelays.Count ? script.FirstDelays.Span : TimeSpan.Zero), context.RequestAborted);
        if (before < script.Failures)
        {
            await Task.Delay(script.FailDelay, context.RequestAborted);
            if (script.Code == 0)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = script.Code;
        }

        foreach (var header in context.Request.Headers[ResponseHeaders].SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)))
        {
            if (header.Split(':', 2) is [var name, var value])
            {
                context.Response.Headers.Append(name, value);
            }
        }

        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            await GrpcEcho.AnswerAsync(context, request);
            return;
        }

        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync(request.ToText(0), context.RequestAborted);
        for (var i = 0; i < script.Stream.Count; i++)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(script.Stream.Span, context.RequestAborted);
            await context.Response.WriteAsync($"Line={i}\n", context.RequestAborted);
        }
    }

    private async Task EchoSocketAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, _identity.Pod, context.RequestAborted);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }
    }
}
