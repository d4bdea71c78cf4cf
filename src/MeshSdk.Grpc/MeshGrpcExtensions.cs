using Grpc.Net.Client;
using MeshSdk.Grpc;
using MeshSdk.Grpc.Calls;
using MeshSdk.Grpc.Channels;

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

    private static Uri AddressOf(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var address = target.Contains("://", StringComparison.Ordinal) ? target : $"http://{target}";
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "", Fragment: "" }
            ? uri
            : throw new ArgumentException($"'{target}' is no service of a mesh; write name:port, such as backend:7070.", nameof(target));
    }
}
