using Grpc.Net.Client;
using MeshSdk.Grpc;
using MeshSdk.Grpc.Calls;
using MeshSdk.Grpc.Channels;
using MeshSdk.Grpc.Health;
using Microsoft.Extensions.Logging;

namespace MeshSdk;

/// <summary>Makes gRPC clients of a mesh without dependency injection.</summary>
public static class MeshGrpcExtensions
{
    /// <summary>
    /// Makes a call invoker for a service, to construct a generated client with: <c>new Echo.EchoClient(mesh.CreateCallInvoker("backend:7070"))</c>.
    /// Interceptors are added as to any other: <c>mesh.CreateCallInvoker("backend:7070").Intercept(…)</c>.
    /// </summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="target">
    /// The service and its port, such as <c>backend:7070</c>, <c>backend.shop:7070</c> or <c>backend</c> (port 80); with <c>http://</c> or <c>https://</c> in
    /// front of it as a channel's address.
    /// </param>
    /// <param name="channel">
    /// Options of the channel: service config, message sizes, credentials, compression. Its handler is the mesh's, so <c>HttpHandler</c> and
    /// <c>HttpClient</c> must be null. Read once, and left as they were. Null for the defaults.
    /// </param>
    /// <param name="options">What is special about the calls; null for the defaults, also where <c>UseGrpc()</c> has others for clients of the factory.</param>
    /// <exception cref="ArgumentNullException"><paramref name="mesh"/> or <paramref name="target"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="target"/> is no address of a service, <paramref name="channel"/> brings a handler or a load balancer, or <paramref name="options"/> hold a
    /// deadline that is not positive.
    /// </exception>
    public static MeshCallInvoker CreateCallInvoker(this Mesh mesh, string target, GrpcChannelOptions? channel = null, MeshGrpcOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        var address = AddressOf(target);
        channel ??= new GrpcChannelOptions();
        options ??= new MeshGrpcOptions();
        if (MeshGrpcOptionsValidator.ProblemOf(options) is { } wrong)
        {
            throw new ArgumentException(wrong, nameof(options));
        }

        if (ChannelGuard.BalancerOf(channel) is { } unused)
        {
            throw new ArgumentException(unused, nameof(channel));
        }

        // The options are the caller's, who may use them for the next channel, and on another thread at this moment.
        lock (channel)
        {
            if (channel.HttpHandler is not null || channel.HttpClient is not null)
            {
                throw new ArgumentException("The mesh brings the handler: leave HttpHandler and HttpClient null.", nameof(channel));
            }

            var disposes = channel.DisposeHttpClient;
            (channel.HttpHandler, channel.DisposeHttpClient) = (mesh.CreateHandler(), true);
            try
            {
                var plan = new CallPlan(mesh.Runtime.Engine.Methods, options, channel.ServiceConfig, mesh.Runtime.Time);
                return new MeshCallInvoker(GrpcChannel.ForAddress(address, channel), plan);
            }
            finally
            {
                (channel.HttpHandler, channel.DisposeHttpClient) = (null, disposes);
            }
        }
    }

    /// <summary>
    /// Asks the endpoints of each cluster that gRPC calls go to whether they serve (<c>grpc.health.v1.Health/Watch</c>, gRFC A17), from the first call on and over
    /// the connections that calls use. One that the control plane calls ready and that answers <c>NOT_SERVING</c>, or does not know the service that it is asked
    /// for, gets no calls until it says otherwise; one that has no such service is called as before. What an endpoint said last holds while it cannot be asked.
    /// </summary>
    /// <param name="options">Of the mesh.</param>
    /// <param name="configure">What endpoints are asked for; null: the server as a whole.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">A name is null, or a service is not written <c>namespace/name</c>.</exception>
    public static MeshOptions UseGrpcHealthChecking(this MeshOptions options, Action<MeshGrpcHealthOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var health = new MeshGrpcHealthOptions();
        configure?.Invoke(health);
        if (health.Service is null || health.Services.Values.Any(static name => name is null))
        {
            throw new ArgumentException("MeshGrpcHealthOptions: the name of a service is null; the empty name asks for the server as a whole.", nameof(configure));
        }

        if (health.Services.Keys.FirstOrDefault(static key => key.Split('/') is not [{ Length: > 0 }, { Length: > 0 }]) is { } wrong)
        {
            throw new ArgumentException($"MeshGrpcHealthOptions.Services: '{wrong}' is no Service; write namespace/name, such as default/backend.", nameof(configure));
        }

        options.EndpointHealth = (time, random, loggers) => new HealthProtocol(health, time, random, loggers.CreateLogger<HealthProtocol>());
        return options;
    }

    private static Uri AddressOf(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var address = target.Contains("://", StringComparison.Ordinal) ? target : $"http://{target}";
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "", Fragment: "" } && !target.EndsWith(':')
            ? uri
            : throw new ArgumentException($"'{target}' is no service of a mesh; write name:port, such as backend:7070.", nameof(target));
    }
}
