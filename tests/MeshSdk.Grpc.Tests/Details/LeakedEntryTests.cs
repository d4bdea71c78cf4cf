using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Grpc.Tests.Details;

/// <summary>What a server's own mesh has said of the server's own calls does not bind its callers, and what servers say in the mesh's name is not believed.</summary>
public sealed class LeakedEntryTests
{
    private const string Retry = """
              - retry: { attempts: 2, codes: [503], backoff: 1ms }
                backendRefs: [{ name: backend, port: 80 }]
        """;

    private static async Task<(Mesh Mesh, Echo.EchoClient Client, MeshCallInvoker Invoker)> StartAsync(
        EchoServer server, string? rule = null, GrpcChannelOptions? channel = null)
    {
        var source = new InMemorySource();
        source.Apply(Manifests.Service("backend", server) + (rule is null ? "" : Manifests.HttpRoute("backend", rule)));
        var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
        var invoker = mesh.CreateCallInvoker("backend", channel);
        return (mesh, new Echo.EchoClient(invoker), invoker);
    }

    private static GrpcChannelOptions Retrying() => new()
    {
        ServiceConfig = new ServiceConfig
        {
            MethodConfigs =
            {
                new MethodConfig
                {
                    Names = { MethodName.Default },
                    RetryPolicy = new RetryPolicy
                    {
                        MaxAttempts = 4, InitialBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(1), BackoffMultiplier = 1,
                        RetryableStatusCodes = { StatusCode.Unavailable },
                    },
                },
            },
        },
    };

    // The last server is always down; the one between lets the exception of its own call go up, which its own mesh has told its own channel not to retry.
    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 1)] // headers commit a call
    public async Task What_a_server_in_between_was_told_does_not_stop_its_callers(bool afterHeaders, int calls)
    {
        await using var last = await EchoServer.StartAsync("last", static _ => throw new RpcException(new Status(StatusCode.Unavailable, "down")));
        var (inner, innerClient, innerInvoker) = await StartAsync(last, Retry, Retrying());
        await using var ownedInner = inner;
        using var ownedInvoker = innerInvoker;
        RpcException? leaked = null;
        await using var between = await EchoServer.StartAsync("between", async context =>
        {
            if (afterHeaders)
            {
                await context.WriteResponseHeadersAsync([]);
            }

            try
            {
                await innerClient.UnaryAsync(new EchoRequest());
            }
            catch (RpcException error)
            {
                leaked = error;
                throw;
            }
        });
        var (outer, client, invoker) = await StartAsync(between, Retry);
        await using var ownedOuter = outer;
        using var owned = invoker;

        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest()));

        Assert.Equal("-1", leaked!.Trailers.GetValue("grpc-retry-pushback-ms"));
        Assert.Equal(last.EndPoint.ToString(), leaked.GetMeshCall()!.Endpoint);
        Assert.Equal(calls, between.Calls.Count);
        Assert.Equal((StatusCode.Unavailable, "down"), (error.StatusCode, error.Status.Detail));
        Assert.Equal((between.EndPoint.ToString(), calls), (error.GetMeshCall()!.Endpoint, error.GetMeshCall()!.Attempts));
        Assert.Null(error.Trailers.GetValue("grpc-retry-pushback-ms"));
    }

    [Theory]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(401, StatusCode.Unauthenticated)]
    public async Task An_error_of_HTTP_tells_where_it_came_from(int status, StatusCode expected)
    {
        await using var server = await EchoServer.StartAsync("one", application: app => app.Use((HttpContext context, RequestDelegate _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["mesh-call"] = "attempts=7;flags=forged";
            return context.Response.WriteAsync("an error page");
        }));
        foreach (var rule in new[] { null, Retry.Replace("503", "599", StringComparison.Ordinal) })
        {
            var (mesh, client, invoker) = await StartAsync(server, rule);
            await using var ownedMesh = mesh;
            using var owned = invoker;

            var error = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest()));

            Assert.Equal(expected, error.StatusCode);
            Assert.Equal((server.EndPoint.ToString(), 1, "-"), (error.GetMeshCall()!.Endpoint, error.GetMeshCall()!.Attempts, error.GetMeshCall()!.Flags));
        }
    }

    [Fact]
    public async Task Trailers_without_a_status_do_not_speak_for_the_mesh()
    {
        await using var server = await EchoServer.StartAsync("one", application: static app => app.Use(static async (HttpContext context, RequestDelegate _) =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.StartAsync();
            context.Response.AppendTrailer("mesh-call", "attempts=7;flags=forged");
        }));
        var (mesh, client, invoker) = await StartAsync(server);
        await using var ownedMesh = mesh;
        using var owned = invoker;

        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest()));

        Assert.Equal((server.EndPoint.ToString(), "-"), (error.GetMeshCall()!.Endpoint, error.GetMeshCall()!.Flags));
    }
}
