using Grpc.Net.Client;
using MeshSdk.Grpc.Calls;

namespace MeshSdk;

/// <summary>Makes gRPC clients of a mesh without dependency injection.</summary>
public static class MeshGrpcExtensions
{
    /// <summary>
    /// Makes a call invoker for a service, to construct a generated client with: <c>new Echo.EchoClient(mesh.CreateCallInvoker("backend:7070"))</c>.
    /// </summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="target">
    /// The service and its port, such as <c>backend:7070</c>, <c>backend.shop:7070</c> or <c>backend</c> (port 80); with <c>http://</c> or <c>https://</c> in
    /// front of it as a channel's address.
    /// </param>
    /// <param name="channel">
    /// Options of the channel: service config, message sizes, credentials, interceptors' needs. Its handler is the mesh's, so <c>HttpHandler</c> and
    /// <c>HttpClient</c> must be null. Null for the defaults.
    /// </param>
    /// <param name="options">What is special about the calls; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="mesh"/> or <paramref name="target"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="target"/> is no address of a service, or <paramref name="channel"/> brings a handler.</exception>
    public static MeshCallInvoker CreateCallInvoker(this Mesh mesh, string target, GrpcChannelOptions? channel = null, MeshGrpcOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentNullException.ThrowIfNull(target);
        channel ??= new GrpcChannelOptions();
        if (channel.HttpHandler is not null || channel.HttpClient is not null)
        {
            throw new ArgumentException("The mesh brings the handler: leave HttpHandler and HttpClient null.", nameof(channel));
        }

        var address = target.Contains("://", StringComparison.Ordinal) ? target : $"http://{target}";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/")
        {
            throw new ArgumentException($"'{target}' is no service of a mesh; write name:port, such as backend:7070.", nameof(target));
        }

        channel.HttpHandler = mesh.CreateHandler();
        channel.DisposeHttpClient = true;
        try
        {
            var plan = new CallPlan(mesh.Runtime.Engine.Methods, options ?? new MeshGrpcOptions(), channel.ServiceConfig, mesh.Runtime.Time);
            return new MeshCallInvoker(GrpcChannel.ForAddress(uri, channel), plan);
        }
        finally
        {
            // The options are the caller's, who may use them for the next channel.
            channel.HttpHandler = null;
        }
    }
}
