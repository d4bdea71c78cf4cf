using Grpc.Core;
using Grpc.Net.Client;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;
using MeshSdk.Sources;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Grpc;

/// <summary>What callers of gRPC are told, by gRPC's own client.</summary>
public sealed class GrpcPolicyTests : IDisposable
{
    private const string Client = "spiffe://cluster.local/ns/web/sa/client", Server = "spiffe://cluster.local/ns/shop/sa/backend";

    private readonly MeshCertificateAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("action: DENY, rules: [{ to: [{ operation: { paths: [/test.Echo/Stream] } }] }]", StatusCode.OK, StatusCode.PermissionDenied)]
    [InlineData("action: DENY, rules: [{ to: [{ operation: { paths: ['/test.Echo/*'] } }] }]", StatusCode.PermissionDenied, StatusCode.PermissionDenied)]
    [InlineData("rules: [{ to: [{ operation: { methods: [POST], paths: [/test.Echo/Unary] } }] }]", StatusCode.OK, StatusCode.PermissionDenied)]
    [InlineData("rules: [{ to: [{ operation: { methods: [GET] } }] }]", StatusCode.PermissionDenied, StatusCode.PermissionDenied)]
    [InlineData("rules: [{ from: [{ source: { principals: [cluster.local/ns/web/sa/client] } }] }]", StatusCode.OK, StatusCode.OK)]
    [InlineData("rules: [{ from: [{ source: { principals: [cluster.local/ns/web/sa/other] } }] }]", StatusCode.PermissionDenied, StatusCode.PermissionDenied)]
    [InlineData("", StatusCode.PermissionDenied, StatusCode.PermissionDenied)]
    public async Task A_policy_refuses_with_permission_denied(string spec, StatusCode unary, StatusCode stream)
    {
        await using var host = await EchoHost.StartAsync(_authority.Issue(Server), manifests: AuthorizationPolicies.Of("calls", spec));
        using var channel = ChannelTo(host);

        Assert.Equal(unary, await UnaryAsync(channel));
        Assert.Equal(stream, await StreamAsync(channel));
    }

    [Theory]
    [InlineData(Client, Layers.MutualTls, StatusCode.OK)]
    [InlineData("spiffe://cluster.local/ns/web/sa/other", Layers.MutualTls, StatusCode.PermissionDenied)]
    [InlineData(Client, Layers.Plaintext, StatusCode.PermissionDenied)]
    public async Task A_service_may_ask_for_one_caller(string caller, string layer, StatusCode expected)
    {
        await using var host = await EchoHost.StartAsync(
            _authority.Issue(Server),
            application: static app =>
            {
                app.UseRouting();
                app.UseAuthorization();
                app.MapGrpcService<EchoGrpc.Service>().RequireAuthorization(static policy => policy.RequireSpiffeId(Client));
            },
            services: static services => services.AddAuthorization(),
            mapsGrpc: false);
        using var channel = ChannelTo(host, caller, layer);

        Assert.Equal(expected, await UnaryAsync(channel));
        Assert.Equal(expected, await StreamAsync(channel));
    }

    [Theory]
    [InlineData(Layers.MutualTls)]
    [InlineData(Layers.Plaintext)]
    public async Task Calls_are_unavailable_while_it_is_not_known_who_may_call(string layer)
    {
        await using var host = await EchoHost.StartAsync(
            _authority.Issue(Server),
            mesh: static options =>
            {
                options.InMemory = null;
                options.Startup.Timeout = TimeSpan.FromMilliseconds(1);
            },
            services: static services => services.AddSingleton<IResourceSource, SilentSource>());
        using var channel = ChannelTo(host, layer: layer);

        // The answer of a server, with whom the handshake was done, and not of a connection that failed.
        Assert.Equal(StatusCode.Unavailable, await UnaryAsync(channel));
        Assert.Equal(StatusCode.Unavailable, await StreamAsync(channel));
        var call = new Call(host.Mixed, Protocols.Http1, layer, _authority.Issue(Client));
        Assert.Equal("status 503", (await StreamCaller.Sidecar.CallAsync(call)).Text);
    }

    [Fact]
    public async Task A_stream_survives_policies_that_do_not_concern_it()
    {
        await using var host = await EchoHost.StartAsync(_authority.Issue(Server));
        using var channel = ChannelTo(host);
        using var stream = channel.CreateCallInvoker().AsyncServerStreamingCall(EchoGrpc.Follow, null, default, "");
        await ExpectAsync("first");

        host.Source.Apply(AuthorizationPolicies.Of("unary", "action: DENY, rules: [{ to: [{ operation: { paths: [/test.Echo/Unary] } }] }]"));
        await Eventually.HoldsAsync(async () => await UnaryAsync(channel) == StatusCode.PermissionDenied, "it is denied");
        await ExpectAsync("second");

        host.Source.Apply(PeerAuthentications.Namespace("STRICT"));
        host.Source.Delete("AuthorizationPolicy", "shop", "unary");
        await Eventually.HoldsAsync(async () => await UnaryAsync(channel) == StatusCode.OK, "it is allowed");
        host.Identities.Update(_authority.Issue(Server).ToIdentity());
        await ExpectAsync("third");
        host.Echo.End();
        Assert.False(await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Eventually.Patience));
        Assert.Equal(StatusCode.OK, stream.GetStatus().StatusCode);

        async Task ExpectAsync(string beat)
        {
            Assert.True(host.Echo.Beats.Writer.TryWrite(beat));
            Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Eventually.Patience));
            Assert.Equal(beat, stream.ResponseStream.Current);
        }
    }

    private GrpcChannel ChannelTo(EchoHost host, string caller = Client, string layer = Layers.MutualTls) =>
        GrpcCaller.ChannelFor(new Call(host.Http2Only, Protocols.Grpc, layer, _authority.Issue(caller)));

    private static async Task<StatusCode> UnaryAsync(GrpcChannel channel)
    {
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(EchoGrpc.Unary, null, default, "");
        return await StatusOfAsync(call.ResponseAsync);
    }

    private static async Task<StatusCode> StreamAsync(GrpcChannel channel)
    {
        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(EchoGrpc.Stream, null, default, "");
        return await StatusOfAsync(call.ResponseStream.ReadAllAsync().ToListAsync().AsTask());
    }

    private static async Task<StatusCode> StatusOfAsync(Task call)
    {
        try
        {
            await call.WaitAsync(Eventually.Patience);
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            Assert.Null(exception.Status.DebugException);
            return exception.StatusCode;
        }
    }
}
