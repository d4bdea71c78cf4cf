using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>What a call pays for what a rule would do if it failed.</summary>
public sealed class CallCostTests(ITestOutputHelper output)
{
    private const int Calls = 2000;

    private static readonly bool IsDebug = typeof(RpcCall).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true };

    // Bytes over the same call under a rule that only forwards.
    [Theory]
    [InlineData(true, false, 350)]
    [InlineData(false, true, 700)]
    [InlineData(true, true, 950)]
    public async Task A_unary_call_that_goes_well_pays_little(bool hasTimeouts, bool retries, long budget)
    {
        Assert.SkipWhen(IsDebug, "What waits for nothing costs an object in code that is not optimized.");
        var floor = await MeasureAsync(null, null);
        var cost = await MeasureAsync(hasTimeouts ? RuledMesh.Timeouts(60_000, 30_000) : null, retries ? RuledMesh.Retry(2, 503) : null);
        output.WriteLine($"timeouts {hasTimeouts}, retry {retries}: {cost - floor} B over {floor} B");
        Assert.InRange(cost - floor, 0, budget);
    }

    private static async Task<long> MeasureAsync(RouteTimeouts? timeouts, RouteRetry? retry)
    {
        await using var mesh = await TestMesh.StartAsync(
            new MeshOptions { TransportFactory = new Network() },
            Snapshots.Service("backend", new IPEndPoint(new IPAddress([10, 0, 0, 1]), 80)).Routed(RuledMesh.Rule(timeouts, retry)));
        mesh.Runtime.Engine.Methods.Note("/test.Echo/Unary", RpcKind.Unary);
        using var client = new HttpMessageInvoker(mesh.CreateHandler());
        Call(client, 200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Call(client, Calls);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
    }

    // All of it on this thread: nothing here waits.
    private static void Call(HttpMessageInvoker client, int calls)
    {
        var uri = new Uri("http://backend/test.Echo/Unary");
        var buffer = new byte[16];
        for (var i = 0; i < calls; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new OneMessage(), Version = HttpVersion.Version20 };
            var call = client.SendAsync(request, CancellationToken.None);
            Assert.True(call.IsCompletedSuccessfully);
            using var response = call.Result;
            var body = response.Content.ReadAsStream();
            while (body.Read(buffer) > 0)
            {
            }

            Assert.Equal("0", response.TrailingHeaders.NonValidated["grpc-status"].ToString());
        }
    }

    // As a channel makes one: it is of no assembly that is known to write the same twice.
    private sealed class OneMessage : HttpContent
    {
        private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");
        private static readonly byte[] Message = new byte[105];

        public OneMessage() => Headers.ContentType = Grpc;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var write = stream.WriteAsync(Message);
            return write.IsCompletedSuccessfully ? Task.CompletedTask : write.AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class Network : HttpMessageHandler, IMeshTransportFactory
    {
        private static readonly byte[] Reply = new byte[5];

        public HttpMessageHandler Create(MeshTransportContext context) => this;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.True(request.Content!.CopyToAsync(Stream.Null, cancellationToken).IsCompletedSuccessfully);
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(Reply), Version = HttpVersion.Version20 };
            response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
            response.TrailingHeaders.TryAddWithoutValidation("grpc-status", "0");
            return Task.FromResult(response);
        }
    }
}
