using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Tests.Http.Rpc;

/// <summary>What hangs on the kind of the gRPC method that is called, and when it is told that nobody knows it.</summary>
public sealed class MethodKindTests
{
    private const string Method = "/test.Echo/Unary";
    private const long RefusedStream = 7;

    private static readonly RewriteFilter Rewrite = new(null, new PathRewrite("/test.Echo", "/test.v2.Echo"));

    private static HttpRequestMessage Call() => new(HttpMethod.Post, $"http://backend{Method}")
    {
        Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
    };

    private static HttpRequestException Refused() => new(HttpRequestError.HttpProtocolError, "refused", new HttpProtocolException(RefusedStream, "refused", null));

    private static Task<HttpResponseMessage> Hang(Sent sent, CancellationToken token) => ScriptedTransport.HangAsync(token);

    private static FakeLogger Listen(RuledMesh mesh)
    {
        var log = new FakeLogger();
        mesh.Mesh.Runtime.Engine.Methods.Log = log;
        return log;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rule_that_rewrites_the_path_binds_unary_calls_all_the_same(bool byBackend)
    {
        var rule = RuledMesh.Rule(RuledMesh.Timeouts(500));
        rule = byBackend
            ? rule with { Backends = new BackendSplit([.. rule.Backends.Backends.Select(static backend => backend with { Filters = [Rewrite] })]) }
            : rule with { Filters = [Rewrite] };
        await using var mesh = await RuledMesh.StartAsync(rule, Hang);
        mesh.Mesh.Runtime.Engine.Methods.Note(Method, RpcKind.Unary);
        var log = Listen(mesh);
        var call = mesh.Client.SendAsync(Call());
        await mesh.SentAsync(1);

        using var response = await mesh.PassAsync(call, step: 100);

        Assert.Equal("4", Assert.Single(response.Headers.GetValues("grpc-status")));
        Assert.Equal("UT", response.GetMeshCall()!.Flags);
        Assert.Equal(0, log.Collector.Count);
    }

    [Theory]
    [InlineData(nameof(RpcKind.Unary), 2)]
    [InlineData(nameof(RpcKind.ClientStreaming), 1)]
    public async Task A_refused_call_whose_path_was_rewritten_is_known_too(string kind, int sends)
    {
        List<string> paths = [];
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule() with { Filters = [Rewrite] }, (sent, _) =>
        {
            paths.Add(sent.Request.RequestUri!.AbsolutePath);
            throw Refused();
        });
        mesh.Mesh.Runtime.Engine.Methods.Note(Method, Enum.Parse<RpcKind>(kind));
        using var response = await mesh.Client.SendAsync(Call());
        Assert.Equal("14", Assert.Single(response.Headers.GetValues("grpc-status")));
        Assert.Equal(Enumerable.Repeat("/test.v2.Echo/Unary", sends), paths);
    }

    public static TheoryData<double?, bool, int> Failing => new()
    {
        // Timeout of the rule, whether it does more than forward → warnings
        { null, false, 0 }, { null, true, 0 }, { 0, false, 0 }, { 60_000, false, 1 },
    };

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task Only_timeouts_that_do_not_bind_a_call_are_told(double? timeout, bool retries, int warnings)
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(timeout is null ? null : RuledMesh.Timeouts(timeout), retries ? RuledMesh.Retry(1) : null),
            static (sent, _) => throw (sent.Number % 2 == 0 ? Refused() : ScriptedTransport.Refused()));
        var log = Listen(mesh);
        for (var i = 0; i < 3; i++)
        {
            using var response = await mesh.PassAsync(mesh.Client.SendAsync(Call()));
            Assert.Equal("14", Assert.Single(response.Headers.GetValues("grpc-status")));
        }

        Assert.Equal(warnings, log.Collector.GetSnapshot().Count(static record => record.Id.Name == "GrpcMethodUnknown"));
    }
}
