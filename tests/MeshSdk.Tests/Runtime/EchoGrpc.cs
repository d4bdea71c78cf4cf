using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MeshSdk.Tests.Runtime;

/// <summary>A gRPC service of two methods over plain bytes, without generated code.</summary>
internal static class EchoGrpc
{
    private const string ServiceName = "test.Echo";

    private static readonly Marshaller<byte[]> Bytes = new(static b => b, static b => b);

    public static Method<byte[], byte[]> Unary { get; } = new(MethodType.Unary, ServiceName, "Unary", Bytes, Bytes);

    public static Method<byte[], byte[]> Stream { get; } = new(MethodType.ServerStreaming, ServiceName, "Stream", Bytes, Bytes);

    public static Method<byte[], byte[]> Missing { get; } = new(MethodType.Unary, ServiceName, "Missing", Bytes, Bytes);

    /// <summary>A server that answers every call with its name, on a stream three times.</summary>
    public static Task<TestServer> ServeAsync(string name) => TestServer.StartAsync(
        static app => app.MapGrpcService<Service>(),
        HttpProtocols.Http2,
        services =>
        {
            services.AddGrpc();
            services.AddSingleton(new Service(name));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<Service>, Methods>());
        });

    internal sealed class Client(CallInvoker invoker)
    {
        public async Task<string> CallAsync(Method<byte[], byte[]>? method = null)
        {
            using var call = invoker.AsyncUnaryCall(method ?? Unary, null, new CallOptions(), [1]);
            return System.Text.Encoding.UTF8.GetString(await call.ResponseAsync);
        }

        public async Task<List<string>> StreamAsync()
        {
            List<string> answers = [];
            using var call = invoker.AsyncServerStreamingCall(Stream, null, new CallOptions(), [1]);
            await foreach (var answer in call.ResponseStream.ReadAllAsync())
            {
                answers.Add(System.Text.Encoding.UTF8.GetString(answer));
            }

            return answers;
        }
    }

    private sealed class Service(string name)
    {
        public Task<byte[]> Unary() => Task.FromResult(System.Text.Encoding.UTF8.GetBytes(name));

        public async Task Stream(IServerStreamWriter<byte[]> answers)
        {
            for (var i = 0; i < 3; i++)
            {
                await answers.WriteAsync(await Unary());
            }
        }
    }

    private sealed class Methods : IServiceMethodProvider<Service>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<Service> context)
        {
            context.AddUnaryMethod(EchoGrpc.Unary, [], static (service, _, _) => service.Unary());
            context.AddServerStreamingMethod(EchoGrpc.Stream, [], static (service, _, answers, _) => service.Stream(answers));
        }
    }
}
