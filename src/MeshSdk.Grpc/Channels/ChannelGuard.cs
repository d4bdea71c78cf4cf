using Grpc.Net.Client;
using MeshSdk.Http;

namespace MeshSdk.Grpc.Channels;

/// <summary>
/// Finds channels whose calls would pass the mesh by without a word, or that expect something of their handler that no handler but their own can do. A channel
/// looks for a <see cref="SocketsHttpHandler"/> at the end of its chain of handlers, and makes that one's connections itself, whatever the handlers above it say.
/// </summary>
internal static class ChannelGuard
{
    /// <param name="client">The client's name.</param>
    /// <param name="address">What it calls; null where that is not known yet.</param>
    /// <param name="channel">The channel's options, after everybody has set theirs.</param>
    /// <exception cref="ChannelBypassException">The mesh would not see the calls.</exception>
    public static void Check(string client, Uri? address, GrpcChannelOptions channel)
    {
        if ((SchemeOf(address) ?? BalancerOf(channel) ?? HandlerOf(channel)) is { } problem)
        {
            throw new ChannelBypassException(
                $"The gRPC client '{client}' is routed by the mesh, and its calls would not go through it: {problem} RemoveMeshRouting() takes a client out of the mesh.");
        }
    }

    /// <summary>What is wrong with the load balancing that a channel is to do; null where it is to do none.</summary>
    public static string? BalancerOf(GrpcChannelOptions channel) =>
        channel.ServiceConfig is { LoadBalancingConfigs: { Count: > 0 } configs }
            ? $"ServiceConfig.LoadBalancingConfigs asks for {string.Join(", ", configs.Select(static config => $"'{config.PolicyName}'"))}, "
                + "and it is the mesh that chooses endpoints. Leave it empty; a DestinationRule's loadBalancer says how they are chosen."
            : null;

    private static string? SchemeOf(Uri? address) =>
        address is { IsAbsoluteUri: true, Scheme: not ("http" or "https") }
            ? $"its Address '{address.OriginalString}' has the scheme '{address.Scheme}', for which a channel looks up addresses by itself. Write http:// and the name and "
                + "port of the service, such as http://backend:7070."
            : null;

    private static string? HandlerOf(GrpcChannelOptions channel)
    {
        if (channel.HttpClient is not null)
        {
            return "ConfigureChannel() sets HttpClient. Leave it null, and put handlers of your own into the client with AddHttpMessageHandler().";
        }

        var last = channel.HttpHandler;
        while (last is DelegatingHandler { InnerHandler: { } inner })
        {
            last = inner;
        }

        return last switch
        {
            MeshHandler => null,
            null => "ConfigureChannel() sets HttpHandler to null. Leave it as it is.",
            DelegatingHandler => $"ConfigureChannel() sets HttpHandler to a {last.GetType().Name} that has no InnerHandler. {Fix}",
            SocketsHttpHandler when last != channel.HttpHandler =>
                $"ConfigureChannel() sets HttpHandler to a {channel.HttpHandler!.GetType().Name} over a SocketsHttpHandler, whose connections the channel makes itself. {Fix}",
            _ => $"ConfigureChannel() sets HttpHandler to a {last.GetType().Name}. {Fix}",
        };
    }

    private const string Fix =
        "Leave HttpHandler as it is: AddHttpMessageHandler() puts handlers above the mesh, and ConfigurePrimaryHttpMessageHandler() sets what is below it. "
        + "Or let the chain end in mesh.CreateHandler().";
}
