using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.ClientFactory;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.Features;

/// <summary>Interceptors stand above the mesh: in the order that gRPC gives them, and routes see what they have done.</summary>
public sealed class InterceptorTests(Servers servers)
{
    private const string ByOrder = """
          - matches: [{ headers: [{ name: x-last, value: channel }] }]
            backendRefs: [{ name: v2, port: 80 }]
          - backendRefs: [{ name: v1, port: 80 }]
        """;

    public static TheoryData<CallKind, ClientWay, Layer> Cells =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from way in Enum.GetValues<ClientWay>()
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           select (kind, way, layer),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Those_of_the_client_come_before_those_of_the_channel_and_all_before_the_route(CallKind kind, ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(
            servers.Cluster(layer) + Manifests.GrpcRoute("backend", ByOrder),
            way,
            servers.ClientOf(layer),
            client: static client => client
                .AddInterceptor(InterceptorScope.Channel, static () => new Marking("channel"))
                .AddInterceptor(InterceptorScope.Client, static () => new Marking("client")));
        var made = way switch
        {
            ClientWay.Invoker => new Echo.EchoClient(caller.Invoker.Intercept(new Marking("client"), new Marking("channel"))),
            ClientWay.Channel => new Echo.EchoClient(caller.Channel.Intercept(new Marking("client"), new Marking("channel"))),
            _ => caller.Client,
        };
        var call = new Call();

        var result = await made.CallAsync(kind, call);

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(CallRunner.Texts(kind), result.Texts);
        var arrival = Assert.Single(call.Arrivals);
        Assert.Equal("client,channel", string.Join(',', arrival.All("x-order")).Replace(", ", ",", StringComparison.Ordinal));
        Assert.Equal("v2", arrival.Server[..2]);
    }

    private sealed class Marking(string name) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Mark(context));

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Mark(context));

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Mark(context));

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(Mark(context));

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(Mark(context));

        private ClientInterceptorContext<TRequest, TResponse> Mark<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
            where TRequest : class
            where TResponse : class
        {
            var metadata = new Metadata();
            foreach (var entry in context.Options.Headers!.Where(static entry => entry.Key != "x-last"))
            {
                metadata.Add(entry);
            }

            metadata.Add("x-order", name);
            metadata.Add("x-last", name);
            return new(context.Method, context.Host, context.Options.WithHeaders(metadata));
        }
    }
}
