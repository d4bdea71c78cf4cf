using System.Globalization;
using System.Net;
using MeshSdk.Compilation;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Routing;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>Who retries a gRPC call that its rule, the mesh by default and its channel could retry, and what of it servers are told.</summary>
public sealed class ChannelAttemptsTests
{
    private const int Ok = 0;
    private const int Unknown = 2;
    private const int ResourceExhausted = 8;
    private const int Unavailable = 14;

    private static HttpResponseMessage Reply(int status, int http = 200, string? pushback = null)
    {
        var reply = new HttpResponseMessage((HttpStatusCode)http) { Content = new ByteArrayContent([]), Version = HttpVersion.Version20 };
        if (http == 200)
        {
            reply.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
            reply.Headers.TryAddWithoutValidation("grpc-status", status.ToString(CultureInfo.InvariantCulture));
        }

        if (pushback is not null)
        {
            reply.Headers.TryAddWithoutValidation(RetryPushback.Header, pushback);
        }

        return reply;
    }

    private static async Task<HttpResponseMessage> SendAsync(RuledMesh mesh, RpcCall? rpc = null, string? previous = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary") { Content = new ByteArrayContent("body"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        if (previous is not null)
        {
            request.Headers.TryAddWithoutValidation(PreviousAttempts.Header, previous);
        }

        Task<HttpResponseMessage> call;
        using (rpc is null ? default : rpc.Enter())
        {
            call = mesh.Client.SendAsync(request);
        }

        return await mesh.PassAsync(call);
    }

    // What the channel retries, if it does, and what the server says → sends.
    public static TheoryData<int?, int, int> Defaults => new()
    {
        { ResourceExhausted, ResourceExhausted, 1 }, { ResourceExhausted, Unavailable, 1 }, { Unavailable, Unavailable, 1 }, { null, Unavailable, 3 }, { null, ResourceExhausted, 1 },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public async Task A_channel_that_retries_takes_the_place_of_what_the_mesh_does_by_default(int? retried, int status, int sends)
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: CompilerOptions.IstioRetry), (_, _) => Task.FromResult(Reply(status)));
        var rpc = new RpcCall { IsRetried = retried is not null, RetriedStatuses = retried is { } code ? 1u << code : 0 };
        using var response = await SendAsync(mesh, rpc);
        Assert.Equal(sends, mesh.Network.Sends);
        Assert.False(response.Headers.Contains(RetryPushback.Header));
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData("0", 3)]
    [InlineData("many", 3)]
    [InlineData("1", 1)]
    [InlineData("4", 1)]
    public async Task What_a_channel_sends_again_of_which_nothing_else_is_known_is_sent_once(string? previous, int sends)
    {
        foreach (var retry in new[] { RuledMesh.Retry(2, 503), CompilerOptions.IstioRetry })
        {
            await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: retry), static (_, _) => Task.FromResult(Reply(Unavailable)));
            using var response = await SendAsync(mesh, previous: previous);
            Assert.Equal(sends, mesh.Network.Sends);
        }
    }

    // Codes of HTTP, codes of gRPC, what the server says by HTTP and by gRPC → sends.
    public static TheoryData<int[], int[], int, int, int> Listed => new()
    {
        { [500, 503], [], 200, Unknown, 1 }, { [500, 503], [], 200, Unavailable, 1 }, { [500, 503], [], 503, Ok, 2 }, { [500, 503], [Unavailable], 200, Unavailable, 2 },
        { [500, 503], [Unavailable], 200, Unknown, 1 }, { [], [Unavailable], 503, Ok, 1 },
    };

    [Theory]
    [MemberData(nameof(Listed))]
    public async Task What_the_mesh_retries_by_default_are_codes_of_HTTP_and_of_gRPC_each_by_itself(int[] codes, int[] grpc, int http, int status, int sends)
    {
        var retry = RuledMesh.Retry(1, codes) with { IsDefault = true, GrpcStatuses = [.. grpc] };
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: retry), (sent, _) => Task.FromResult(sent.Number == 1 ? Reply(status, http) : Reply(Ok)));
        using var response = await SendAsync(mesh);
        Assert.Equal(sends, mesh.Network.Sends);
    }

    [Theory]
    [InlineData("-1", 1, 9)]
    [InlineData("soon", 1, 9)]
    [InlineData("1", 2, 9)]
    [InlineData(null, 2, 9)]
    public async Task A_proxy_that_fails_a_call_by_HTTP_is_heeded_and_costs_a_token(string? pushback, int sends, int tokens)
    {
        var throttle = new RetryThrottle(10, 0.5);
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: new RouteRetry(1, [503], TimeSpan.FromMilliseconds(1))),
            (sent, _) => Task.FromResult(sent.Number == 1 ? Reply(Ok, 503, pushback) : Reply(13)));
        using var response = await SendAsync(mesh, new RpcCall { Throttle = throttle });
        Assert.Equal((sends, (decimal)tokens), (mesh.Network.Sends, throttle.Tokens));
    }

    [Fact]
    public async Task A_wait_that_a_proxy_asks_for_takes_the_place_of_the_backoff()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: new RouteRetry(1, [503], TimeSpan.FromHours(1))),
            static (sent, _) => Task.FromResult(sent.Number == 1 ? Reply(Ok, 503, "150") : Reply(Ok)));
        using var response = await SendAsync(mesh);
        var sent = mesh.Network.Log.ToArray();
        Assert.Equal(2, sent.Length);
        Assert.InRange((sent[1].At - sent[0].At).TotalMinutes, 0.150 / 60, 10);
    }

    [Fact]
    public async Task A_throttled_channel_retries_no_failure_by_HTTP()
    {
        var throttle = new RetryThrottle(4, 0.5);
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(9, 503)), static (_, _) => Task.FromResult(Reply(Ok, 503)));
        using var response = await SendAsync(mesh, new RpcCall { Throttle = throttle });
        Assert.Equal((2, 2m), (mesh.Network.Sends, throttle.Tokens));
    }

    [Fact]
    public async Task Tries_that_found_no_connection_are_no_attempts_before()
    {
        List<string?> seen = [];
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(4, 503)), (sent, _) =>
        {
            seen.Add(sent.Request.Headers.TryGetValues(PreviousAttempts.Header, out var values) ? Assert.Single(values) : null);
            return sent.Number switch
            {
                1 or 3 => throw ScriptedTransport.Refused(),
                4 => throw ScriptedTransport.Reset(),
                _ => Task.FromResult(Reply(sent.Number == 2 ? Unavailable : Ok)),
            };
        });
        using var response = await SendAsync(mesh);
        Assert.Equal([null, null, "1", "1", "2"], seen);
        Assert.Equal(Ok, GrpcCall.StatusOf(response));
    }
}
