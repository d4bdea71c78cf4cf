using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.Features;

/// <summary>Credentials of calls go along, in plaintext and in the mesh's own TLS, of which gRPC knows nothing: its channel is one of <c>http</c>.</summary>
public sealed class CredentialTests(Servers servers)
{
    public static TheoryData<CallKind, ClientWay, Layer> Cells =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from way in Enum.GetValues<ClientWay>()
           from layer in Enum.GetValues<Layer>()
           select (kind, way, layer),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Credentials_of_the_call_and_of_the_client_arrive(CallKind kind, ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(
            servers.Cluster(layer),
            way,
            servers.ClientOf(layer),
            channel: static channel => channel.UnsafeUseInsecureChannelCallCredentials = true,
            client: static client => client.AddCallCredentials(static (_, metadata) =>
            {
                metadata.Add("x-client-token", "secret");
                return Task.CompletedTask;
            }));
        var asked = new List<string>();
        var credentials = CallCredentials.FromInterceptor(async (context, metadata) =>
        {
            // Credentials are fetched from somewhere, as a rule.
            await Task.Yield();
            asked.Add($"{context.ServiceUrl} {context.MethodName}");
            metadata.Add("authorization", "Bearer token");
        });
        var call = new Call(options: new CallOptions(credentials: credentials));

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(CallRunner.Texts(kind), result.Texts);
        var arrival = Assert.Single(call.Arrivals);
        Assert.Equal(["Bearer token"], arrival.All("authorization"));
        Assert.Equal(way is ClientWay.Factory or ClientWay.PlainFactory ? "secret" : null, arrival.Find("x-client-token"));
        Assert.Equal([$"http://backend/test.Echo {CallRunner.MethodOf(kind)}"], asked);
    }

    [Fact]
    public async Task A_call_whose_credentials_cannot_be_had_is_not_sent()
    {
        await using var caller = await MeshCaller.StartAsync(
            servers.Cluster(Layer.Plaintext), channel: static channel => channel.UnsafeUseInsecureChannelCallCredentials = true);
        var credentials = CallCredentials.FromInterceptor(static (_, _) => throw new InvalidOperationException("No token."));
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            var call = new Call(options: new CallOptions(credentials: credentials));
            Assert.Contains("No token.", (await caller.Client.CallAsync(kind, call)).Detail, StringComparison.Ordinal);
            Assert.Empty(call.Arrivals);
        }

        Assert.Empty(caller.Counted);
        await caller.IdleAsync("backend");
    }
}
