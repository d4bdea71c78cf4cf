using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Details;

/// <summary>What a failed call tells of itself.</summary>
public sealed class FailureDetailTests
{
    private const string Rule = """
            - backendRefs: [{ name: backend, port: 80 }]
              TIMEOUTS
        """;

    private static async Task<(Mesh Mesh, MeshCallInvoker Invoker)> StartAsync(EchoServer server, string timeouts = "")
    {
        var source = new InMemorySource();
        source.Apply(Manifests.Service("backend", server) + Manifests.HttpRoute("backend", Rule.Replace("TIMEOUTS", timeouts, StringComparison.Ordinal)));
        var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
        return (mesh, mesh.CreateCallInvoker("backend"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_servers_own_failure_is_its_own_and_tells_where_it_came_from(bool afterHeaders)
    {
        await using var server = await EchoServer.StartAsync("one", async context =>
        {
            if (afterHeaders)
            {
                await context.WriteResponseHeadersAsync([]);
            }

            context.ResponseTrailers.Add("mesh-call", "attempts=7;flags=forged");
            context.ResponseTrailers.Add("x-own", "kept");
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "100 % närvarande"));
        });
        var (mesh, invoker) = await StartAsync(server);
        await using var owned = mesh;
        using var both = invoker;

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest()));

        Assert.Equal((StatusCode.FailedPrecondition, "100 % närvarande"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("kept", error.Trailers.GetValue("x-own"));
        Assert.Equal(
            new MeshCallInfo
            {
                Route = "HTTPRoute default/backend",
                Rule = 0,
                Backend = "default/backend:80",
                Endpoint = server.EndPoint.ToString(),
                Attempts = 1,
                Flags = "-",
            },
            error.GetMeshCall());
    }

    [Fact]
    public async Task A_connection_that_breaks_off_after_the_headers_is_UNAVAILABLE_and_names_the_endpoint()
    {
        await using var server = await EchoServer.StartAsync("one", static async context =>
        {
            await context.WriteResponseHeadersAsync([]);
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        });
        var (mesh, invoker) = await StartAsync(server);
        await using var owned = mesh;
        using var both = invoker;

        using var call = new Echo.EchoClient(invoker).ServerStream(new EchoRequest());
        await call.ResponseHeadersAsync;
        server.AbortConnections();
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains($"{server.EndPoint} of default/backend:80 ended the connection before its response was over", error.Status.Detail, StringComparison.Ordinal);
        Assert.EndsWith("(HTTPRoute default/backend rule 0, UC)", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(("UC", server.EndPoint.ToString()), (error.GetMeshCall()!.Flags, error.GetMeshCall()!.Endpoint));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_route_timeout_is_DEADLINE_EXCEEDED_before_and_after_the_headers(bool afterHeaders)
    {
        // It never looks at its deadline, which is why the route's is the one that is over.
        var end = new TaskCompletionSource();
        await using var server = await EchoServer.StartAsync("one", async context =>
        {
            if (afterHeaders)
            {
                await context.WriteResponseHeadersAsync([]);
            }

            await end.Task;
        });
        // Long enough for a cold server on a busy machine to be reached in: nothing is sent before it has begun to speak.
        var (mesh, invoker) = await StartAsync(server, "timeouts: { request: 3s }");
        await using var owned = mesh;
        using var both = invoker;

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest(), deadline: DateTime.UtcNow.AddMinutes(5)));
        end.SetResult();

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        var told = Assert.Single(server.Calls);
        Assert.True(told.Deadline < DateTime.UtcNow.AddMinutes(1), $"{told.Deadline:O}");
    }
}
