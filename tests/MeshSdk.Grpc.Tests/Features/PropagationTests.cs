using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.Features;

/// <summary>A server that calls on while it is called: deadline and cancellation of the call that it answers hold for the calls that it makes.</summary>
public sealed class PropagationTests(Servers servers)
{
    public static TheoryData<Layer, bool> Cells =>
    [
        .. from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           from knowsGrpc in new[] { true, false }
           select (layer, knowsGrpc),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task The_deadline_goes_on(Layer layer, bool knowsGrpc)
    {
        var inner = new Call();
        await using var middle = await StartAsync(layer, knowsGrpc, inner);
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", Layer.Plaintext, "", middle));
        var deadline = DateTime.UtcNow.AddHours(1);

        await caller.Client.UnaryAsync(new EchoRequest(), deadline: deadline).ResponseAsync.WaitAsync(Eventually.Patience);

        Assert.InRange(Assert.Single(inner.Arrivals).Deadline, deadline.AddSeconds(-1), DateTime.UtcNow.AddHours(1).AddSeconds(1));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Cancellation_goes_on(Layer layer, bool knowsGrpc)
    {
        var inner = new Call("wait");
        await using var middle = await StartAsync(layer, knowsGrpc, inner);
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", Layer.Plaintext, "", middle));
        using var cancellation = new CancellationTokenSource();
        var outer = caller.Client.UnaryAsync(new EchoRequest(), cancellationToken: cancellation.Token);
        var arrival = (await inner.ArrivedAsync())[0];

        await cancellation.CancelAsync();

        await arrival.Cancelled.WaitAsync(Eventually.Patience);
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => outer.ResponseAsync.WaitAsync(Eventually.Patience))).StatusCode);
    }

    private async Task<EchoServer> StartAsync(Layer layer, bool knowsGrpc, Call inner)
    {
        var source = new InMemorySource();
        source.Apply(servers.Cluster(layer));
        return await EchoServer.StartAsync(
            "middle",
            async context => await context.GetHttpContext().RequestServices.GetRequiredService<Echo.EchoClient>().UnaryAsync(new EchoRequest(), inner.Options),
            build: builder =>
            {
                builder.Services.AddMesh(mesh =>
                {
                    mesh.UseInMemory(source).Configure(options =>
                        options.Identity.Source = servers.ClientOf(layer) is { } identity ? new InMemoryCertificateSource(identity.ToIdentity()) : null);
                    if (knowsGrpc)
                    {
                        mesh.UseGrpc();
                    }
                });
                builder.Services.AddGrpcClient<Echo.EchoClient>(static options => options.Address = new Uri("http://backend"))
                    .EnableCallContextPropagation()
                    .AddMeshRouting();
            });
    }
}
