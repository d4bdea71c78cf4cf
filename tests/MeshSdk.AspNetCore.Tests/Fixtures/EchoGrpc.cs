using System.Text;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>A gRPC service over plain text, without generated code: each message says who the server holds the caller for.</summary>
internal static class EchoGrpc
{
    private const string ServiceName = "test.Echo";

    private static readonly Marshaller<string> Text = new(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    public static Method<string, string> Unary { get; } = new(MethodType.Unary, ServiceName, "Unary", Text, Text);

    /// <summary>Three messages.</summary>
    public static Method<string, string> Stream { get; } = new(MethodType.ServerStreaming, ServiceName, "Stream", Text, Text);

    /// <summary>As many as the application has beats.</summary>
    public static Method<string, string> Follow { get; } = new(MethodType.ServerStreaming, ServiceName, "Follow", Text, Text);

    public static void AddTo(IServiceCollection services, EchoApplication echo)
    {
        services.AddGrpc();
        services.AddSingleton(new Service(echo));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<Service>, Methods>());
    }

    internal sealed class Service(EchoApplication echo)
    {
        public static Task<string> UnaryAsync(ServerCallContext context) => Task.FromResult(EchoApplication.CallerOf(context.GetHttpContext()));

        public static async Task StreamAsync(IServerStreamWriter<string> answers, ServerCallContext context)
        {
            for (var i = 0; i < 3; i++)
            {
                await answers.WriteAsync(EchoApplication.CallerOf(context.GetHttpContext()), context.CancellationToken);
            }
        }

        public async Task FollowAsync(IServerStreamWriter<string> answers, ServerCallContext context)
        {
            await foreach (var beat in echo.Beats.Reader.ReadAllAsync(context.CancellationToken))
            {
                await answers.WriteAsync(beat, context.CancellationToken);
            }
        }
    }

    private sealed class Methods : IServiceMethodProvider<Service>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<Service> context)
        {
            context.AddUnaryMethod(Unary, [], static (_, _, call) => Service.UnaryAsync(call));
            context.AddServerStreamingMethod(Stream, [], static (_, _, answers, call) => Service.StreamAsync(answers, call));
            context.AddServerStreamingMethod(Follow, [], static (service, _, answers, call) => service.FollowAsync(answers, call));
        }
    }
}
