using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Tests.Runtime;

/// <summary>gRPC clients over the mesh, against real servers.</summary>
public sealed class GrpcTests
{
    [Fact]
    public async Task A_channel_over_a_mesh_handler_reaches_the_endpoints()
    {
        await using var one = await EchoGrpc.ServeAsync("one");
        await using var two = await EchoGrpc.ServeAsync("two");
        await using var mesh = await StartAsync(Grpc("backend") + Grpc("one", one) + Grpc("two", two) + Manifests.Route("backend", ("one", 1), ("two", 1)));
        using var channel = GrpcChannel.ForAddress("http://backend:80", new GrpcChannelOptions { HttpHandler = mesh.CreateHandler(), DisposeHttpClient = true });
        await ExpectBothAsync(new EchoGrpc.Client(channel.CreateCallInvoker()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_of_the_factory_reaches_the_endpoints(bool withDiscovery)
    {
        await using var one = await EchoGrpc.ServeAsync("one");
        await using var two = await EchoGrpc.ServeAsync("two");
        var memory = new InMemorySource();
        memory.Apply(Grpc("backend") + Grpc("one", one) + Grpc("two", two) + Manifests.Route("backend", ("one", 1), ("two", 1)));
        var collection = new ServiceCollection();
        if (withDiscovery)
        {
            collection.AddServiceDiscoveryCore().AddPassThroughServiceEndpointProvider();
        }

        collection.AddGrpcClient<EchoGrpc.Client>(static options => options.Address = new Uri("http://backend"))
            .ConfigureGrpcClientCreator(static invoker => new EchoGrpc.Client(invoker))
            .AddMeshRouting();
        collection.AddMesh(mesh => mesh.UseInMemory(memory));
        await using var services = collection.BuildServiceProvider();
        await ExpectBothAsync(services.GetRequiredService<EchoGrpc.Client>());
    }

    [Fact]
    public async Task Failures_arrive_in_grpcs_own_words()
    {
        await using var server = await EchoGrpc.ServeAsync("one");
        var refused = await EchoGrpc.ServeAsync("refused");
        await refused.DisposeAsync();
        await using var mesh = await StartAsync(
            Grpc("backend", server) + Grpc("refused", refused) + Grpc("nobody") + Manifests.Route("backend", ("backend", 1))
                .Replace("- backendRefs", "- matches: [{path: {type: PathPrefix, value: /test.Echo}}]\n    backendRefs", StringComparison.Ordinal));
        var handler = mesh.CreateHandler();

        await ExpectAsync(StatusCode.OK, "backend", EchoGrpc.Unary);
        await ExpectAsync(StatusCode.Unimplemented, "backend", EchoGrpc.Missing);
        await ExpectAsync(StatusCode.Unimplemented, "backend", new(MethodType.Unary, "no.Route", "Leads", EchoGrpc.Unary.RequestMarshaller, EchoGrpc.Unary.ResponseMarshaller));
        await ExpectAsync(StatusCode.Unavailable, "refused", EchoGrpc.Unary);
        await ExpectAsync(StatusCode.Unavailable, "nobody", EchoGrpc.Unary);

        async Task ExpectAsync(StatusCode expected, string host, Method<byte[], byte[]> method)
        {
            using var channel = GrpcChannel.ForAddress($"http://{host}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = false });
            var call = new EchoGrpc.Client(channel.CreateCallInvoker()).CallAsync(method);
            var status = expected == StatusCode.OK
                ? await call is "one" ? StatusCode.OK : StatusCode.Unknown
                : (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode;
            Assert.Equal(expected, status);
        }
    }

    [Fact]
    public async Task GRPCRoutes_decide_about_calls_and_leave_HTTPRoutes_to_all_others()
    {
        await using var one = await EchoGrpc.ServeAsync("one");
        await using var two = await EchoGrpc.ServeAsync("two");
        await using var mesh = await StartAsync(
            Grpc("backend") + Grpc("one", one) + Grpc("two", two) + Manifests.Route("backend", ("two", 1)) + """
                apiVersion: gateway.networking.k8s.io/v1
                kind: GRPCRoute
                metadata: { name: calls, namespace: default }
                spec:
                  parentRefs: [{ group: "", kind: Service, name: backend }]
                  rules:
                  - matches: [{ method: { service: test.Echo, method: Unary } }]
                    backendRefs: [{ name: one, port: 80 }, { name: gone, port: 80, weight: 0 }]
                  - matches: [{ method: { method: Stream }, headers: [{ name: to, value: nobody }] }]
                    backendRefs: [{ name: gone, port: 80 }]
                """);
        using var channel = GrpcChannel.ForAddress("http://backend", new GrpcChannelOptions { HttpHandler = mesh.CreateHandler(), DisposeHttpClient = true });
        var client = new EchoGrpc.Client(channel.CreateCallInvoker());
        Assert.Equal("one", await client.CallAsync());
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => client.CallAsync(EchoGrpc.Missing))).StatusCode);
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => client.StreamAsync())).StatusCode);
        using var lost = channel.CreateCallInvoker().AsyncServerStreamingCall(
            EchoGrpc.Stream, null, new CallOptions(new Metadata { { "to", "nobody" } }), [1]);
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => lost.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);

        // No gRPC call: the HTTPRoute sends it to the other server.
        using var plain = mesh.CreateClient(new MeshClientOptions { RecordCalls = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/test.Echo/Unary") { Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await plain.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("default/two:80", response.GetMeshCall()!.Backend);
    }

    private static async Task ExpectBothAsync(EchoGrpc.Client client)
    {
        var unary = new SortedSet<string>();
        var streams = new SortedSet<string>();
        for (var i = 0; i < 4; i++)
        {
            unary.Add(await client.CallAsync());
        }

        for (var i = 0; i < 4; i++)
        {
            var answers = await client.StreamAsync();
            Assert.Equal(3, answers.Count);
            streams.UnionWith(answers);
        }

        Assert.Equal(["one", "two"], unary);
        Assert.Equal(["one", "two"], streams);
    }

    private static string Grpc(string name, params TestServer[] servers) =>
        Manifests.Service(name, "grpc", 80, [.. servers.Select(static s => s.EndPoint)]);

    private static Task<Mesh> StartAsync(string manifests)
    {
        var memory = new InMemorySource();
        memory.Apply(manifests);
        return Mesh.StartAsync(new MeshOptions { InMemory = memory });
    }
}
