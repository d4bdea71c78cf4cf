using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using MeshSdk.Identity.Tests.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Identity.Tests.Fixtures;

/// <summary>What the agent does with one stream.</summary>
internal delegate Task StreamScript(IServerStreamWriter<X509SVIDResponse> stream, CancellationToken ended);

/// <summary>A SPIFFE agent: real gRPC over a Unix domain socket. It does what it is told with one stream after the other, and holds further ones open in silence.</summary>
internal sealed class FakeWorkloadApi : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<StreamScript> _scripts;
    private readonly ConcurrentQueue<string> _security = [];

    private FakeWorkloadApi(WebApplication server, ConcurrentQueue<StreamScript> scripts) => (_server, _scripts) = (server, scripts);

    /// <summary>What streams had in the header that the specification demands.</summary>
    public IReadOnlyCollection<string> Security => _security;

    /// <summary>Its address by TCP, where it has one.</summary>
    public string Tcp => _server.Urls.Single().Replace("http://", "tcp://", StringComparison.Ordinal);

    public static Task<FakeWorkloadApi> StartAsync(string socket, params StreamScript[] scripts) =>
        StartAsync(options => options.ListenUnixSocket(socket, static listen => listen.Protocols = HttpProtocols.Http2), scripts);

    public static Task<FakeWorkloadApi> StartTcpAsync(params StreamScript[] scripts) =>
        StartAsync(static options => options.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2), scripts);

    /// <summary>Refuses.</summary>
    public static StreamScript Refuse(StatusCode status, string detail) => (_, _) => throw new RpcException(new Status(status, detail));

    /// <summary>Sends messages and ends the stream.</summary>
    public static StreamScript SendAndEnd(params X509SVIDResponse[] messages) => async (stream, ended) =>
    {
        foreach (var message in messages)
        {
            await stream.WriteAsync(message, ended);
        }
    };

    /// <summary>Sends messages and holds the stream open.</summary>
    public static StreamScript Send(params X509SVIDResponse[] messages) => async (stream, ended) =>
    {
        await SendAndEnd(messages)(stream, ended);
        await Silence(stream, ended);
    };

    /// <summary>Holds the stream open and sends nothing.</summary>
    public static Task Silence(IServerStreamWriter<X509SVIDResponse> stream, CancellationToken ended) =>
        Task.Delay(Timeout.Infinite, ended).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private static async Task<FakeWorkloadApi> StartAsync(Action<KestrelServerOptions> listen, StreamScript[] scripts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(listen);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static options => options.ShutdownTimeout = TimeSpan.Zero);
        builder.Services.AddGrpc();
        var api = default(FakeWorkloadApi);
        builder.Services.AddSingleton(_ => new Service(() => api!));
        var server = builder.Build();
        server.MapGrpcService<Service>();
        api = new FakeWorkloadApi(server, new(scripts));
        await server.StartAsync();
        return api;
    }

    private sealed class Service(Func<FakeWorkloadApi> api) : SpiffeWorkloadAPI.SpiffeWorkloadAPIBase
    {
        public override Task FetchX509SVID(X509SVIDRequest request, IServerStreamWriter<X509SVIDResponse> responseStream, ServerCallContext context)
        {
            var security = context.RequestHeaders.GetValue("workload.spiffe.io");
            api()._security.Enqueue(security ?? "(none)");
            if (security != "true")
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, "security header missing from request"));
            }

            return api()._scripts.TryDequeue(out var script)
                ? script(responseStream, context.CancellationToken)
                : Silence(responseStream, context.CancellationToken);
        }
    }
}
