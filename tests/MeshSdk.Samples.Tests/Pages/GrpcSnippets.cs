using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Grpc.Net.ClientFactory;
using GrpcCanary.Protos;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Samples.Tests.Pages;

/// <summary>The code that docs/grpc.md and the README show, line for line, so that it is compiled. Nobody runs it.</summary>
internal static class GrpcSnippets
{
    public static void Factory(IServiceCollection services)
    {
        // Package MeshSdk.Grpc, with the client factory.
        services.AddMesh(m => m.UseKubernetes().UseGrpc());
        services.AddGrpcClient<Greeter.GreeterClient>(o => o.Address = new("http://backend:7070")).AddMeshRouting();
    }

    public static void Invoker(Mesh mesh)
    {
        // Package MeshSdk.Grpc, without dependency injection. One invoker a service, kept as long as it is called.
        using var invoker = mesh.CreateCallInvoker("backend:7070");
        var greeter = new Greeter.GreeterClient(invoker);
    }

    public static void Handler(Mesh mesh)
    {
        // Package MeshSdk alone.
        using var channel = GrpcChannel.ForAddress("http://backend:7070", new() { HttpHandler = mesh.CreateHandler() });
    }

    public static void Options(IServiceCollection services)
    {
        services.AddMesh(m => m.UseKubernetes().UseGrpc(o => o.Deadline = TimeSpan.FromSeconds(5)));
        services.AddGrpcClient<Greeter.GreeterClient>(o => o.Address = new("http://backend:7070"))
            .AddMeshRouting()
            .ConfigureMeshGrpc(o => o.WaitForReady = true);
    }

    public static void Retries(IServiceCollection services, MethodConfig retried)
    {
        services.AddGrpcClient<Greeter.GreeterClient>(o => o.Address = new("http://backend:7070"))
            .ConfigureChannel(channel => channel.ServiceConfig = new ServiceConfig { MethodConfigs = { retried } })
            .AddMeshRouting();
    }

    public static void Health(IServiceCollection services)
    {
        services.AddMesh(m => m.UseKubernetes().UseGrpcHealthChecking(health => health.Services["shop/orders"] = "shop.Orders"));
    }

    public static void HealthWithoutServices(MeshOptions options)
    {
        options.UseGrpcHealthChecking();
    }

    public static void Session(MeshCallInvoker invoker, User user)
    {
        var greeter = new Greeter.GreeterClient(invoker.WithSession(user.MeshSession));
    }

    public static void SessionOfScope(IServiceCollection services)
    {
        services.AddScoped(_ => new MeshSession());
        services.AddGrpcClient<Greeter.GreeterClient>(o => o.Address = new("http://backend:7070"))
            .AddMeshRouting()
            .AddInterceptor(InterceptorScope.Client, provider => new MeshSessionInterceptor(provider.GetRequiredService<MeshSession>()));
    }

    public static CallInvoker Intercepted(CallInvoker invoker, User user) => invoker.Intercept(new MeshSessionInterceptor(user.MeshSession));

    public static async Task<string> Failure(Greeter.GreeterClient greeter)
    {
        try
        {
            return (await greeter.HelloAsync(new HelloRequest())).Version;
        }
        catch (RpcException error) when (error.GetMeshCall() is { Endpoint: { } endpoint })
        {
            return endpoint;
        }
    }

    public static void Readme(Microsoft.Extensions.Hosting.IHostApplicationBuilder builder)
    {
        builder.Services.AddMesh(m => m.UseKubernetes().UseGrpc());       // package MeshSdk.Grpc
        builder.Services.AddGrpcClient<Greeter.GreeterClient>(o => o.Address = new("http://backend:7070")).AddMeshRouting();
    }

    /// <summary>Somebody for whom calls are made.</summary>
    internal sealed record User(MeshSession MeshSession);
}
