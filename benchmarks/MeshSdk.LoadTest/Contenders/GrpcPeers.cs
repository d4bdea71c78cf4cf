using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Protos;
using MeshSdk.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>What Grpc.Net.Client does by itself.</summary>
internal static class GrpcPeers
{
    /// <summary>A policy that no call of this program needs.</summary>
    public static MethodConfig Retries => new()
    {
        Names = { MethodName.Default },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = 4,
            InitialBackoff = TimeSpan.FromMilliseconds(50),
            MaxBackoff = TimeSpan.FromSeconds(1),
            BackoffMultiplier = 2,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };

    /// <summary>One channel, one endpoint, one connection.</summary>
    public static GrpcContender Plain(GrpcBackend backend)
    {
        var channel = GrpcChannel.ForAddress($"http://{backend.All[0]}");
        return new GrpcContender("one plain channel", new Target.TargetClient(channel), channel);
    }

    /// <summary>Its own <c>round_robin</c> over all endpoints, which a resolver names once and for all. Knows no weights and ejects nobody.</summary>
    public static GrpcContender RoundRobin(GrpcBackend backend) => RoundRobin("round_robin", backend, new ServiceConfig());

    /// <summary>The same with retries by its service config.</summary>
    public static GrpcContender RetryingRoundRobin(GrpcBackend backend) =>
        RoundRobin("round_robin with retries", backend, new ServiceConfig { MethodConfigs = { Retries } });

    /// <summary>The same over mutual TLS, with the identity of the server checked as the mesh does.</summary>
    public static GrpcContender SecuredRoundRobin(LoadMembers members, GrpcBackend backend) =>
        RoundRobin("round_robin", backend, new ServiceConfig(), new DialerByHand(members, HttpProtocol.Http2));

    private static GrpcContender RoundRobin(string name, GrpcBackend backend, ServiceConfig config, DialerByHand? dialer = null)
    {
        config.LoadBalancingConfigs.Add(new RoundRobinConfig());
        var resolver = new StaticResolverFactory(_ => [.. backend.All.Select(static e => new BalancerAddress(e.Address.ToString(), e.Port))]);
        var services = new ServiceCollection().AddSingleton<ResolverFactory>(resolver).BuildServiceProvider();
        var options = new GrpcChannelOptions
        {
            Credentials = dialer is null ? ChannelCredentials.Insecure : ChannelCredentials.SecureSsl,
            ServiceConfig = config,
            ServiceProvider = services,
        };
        if (dialer is not null)
        {
            options.HttpHandler = new SocketsHttpHandler { SslOptions = dialer.Options(), EnableMultipleHttp2Connections = true };
            options.DisposeHttpClient = true;
        }

        var channel = GrpcChannel.ForAddress("static:///backend", options);
        return new GrpcContender(name, new Target.TargetClient(channel), channel, services);
    }
}
