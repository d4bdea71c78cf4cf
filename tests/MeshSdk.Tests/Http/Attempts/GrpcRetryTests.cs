using System.Globalization;
using System.Net;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Routing;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>What is retried of gRPC calls: replies that consist of a status alone, when and how often.</summary>
public sealed class GrpcRetryTests
{
    private const int Ok = 0;
    private const int Internal = 13;
    private const int Unavailable = 14;

    /// <summary>A reply of headers alone; of headers and trailers where <paramref name="inTrailers"/>.</summary>
    private static HttpResponseMessage Reply(int status, string? pushback = null, bool inTrailers = false)
    {
        var reply = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]), Version = HttpVersion.Version20 };
        reply.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        var headers = inTrailers ? reply.TrailingHeaders : reply.Headers;
        headers.TryAddWithoutValidation("grpc-status", status.ToString(CultureInfo.InvariantCulture));
        if (pushback is not null)
        {
            headers.TryAddWithoutValidation(RetryPushback.Header, pushback);
        }

        return reply;
    }

    private static HttpRequestMessage Call()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary") { Content = new ByteArrayContent("body"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        return request;
    }

    private static async Task<HttpResponseMessage> SendAsync(RuledMesh mesh, RpcCall? rpc = null, HttpRequestMessage? request = null)
    {
        Task<HttpResponseMessage> call;
        using (rpc is null ? default : rpc.Enter())
        {
            call = mesh.Client.SendAsync(request ?? Call());
        }

        return await mesh.PassAsync(call);
    }

    private static int? StatusOf(HttpResponseMessage response) => GrpcCall.StatusOf(response);

    public static TheoryData<int[], int[], int, int> Listed
    {
        get
        {
            // Codes of the rule, codes of gRPC; what the server says → sends.
            var data = new TheoryData<int[], int[], int, int>
            {
                { [503], [], Unavailable, 2 }, { [503], [], Internal, 1 }, { [500], [], Internal, 2 }, { [500], [], 2, 2 }, { [500], [], 15, 2 },
                { [504], [], 4, 2 }, { [429], [], 8, 2 }, { [409], [], 10, 2 }, { [404], [], 5, 2 }, { [501], [], 12, 2 }, { [499], [], 1, 2 },
                { [], [], Unavailable, 1 }, { [200], [], Ok, 1 }, { [200], [], Unavailable, 1 }, { [500], [], 99, 2 },
            };
            foreach (var code in new[] { 1, 4, 8, 13, 14 })
            {
                data.Add([], [code], code, 2);
                data.Add([], [code], 3, 1);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Listed))]
    public async Task A_reply_that_is_nothing_but_a_status_is_retried_where_it_is_listed(int[] codes, int[] grpc, int status, int sends)
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(1, codes) with { GrpcStatuses = [.. grpc] }),
            (sent, _) => Task.FromResult(Reply(sent.Number == 1 ? status : Ok)));

        using var response = await SendAsync(mesh);

        Assert.Equal(sends, mesh.Network.Sends);
        Assert.Equal(sends == 2 ? Ok : status, StatusOf(response));
        Assert.All(mesh.Network.Log, static sent => Assert.Equal("body", sent.Body));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task Headers_of_its_own_commit_a_call_whatever_its_trailers_say()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(3, 503)), static (_, _) => Task.FromResult(Reply(Unavailable, inTrailers: true)));
        using var response = await SendAsync(mesh);
        Assert.Equal((1, Unavailable), (mesh.Network.Sends, StatusOf(response)));
    }

    [Fact]
    public async Task The_last_reply_is_the_callers_and_flagged()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(2, 503)), static (_, _) => Task.FromResult(Reply(Unavailable)));
        using var response = await SendAsync(mesh);
        Assert.Equal((3, Unavailable, "URX"), (mesh.Network.Sends, StatusOf(response), response.GetMeshCall()!.Flags));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("3", "3")]
    public async Task Each_retry_says_how_many_came_before(string? channels, string? first)
    {
        var seen = new List<string?>();
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(3, 503)), (sent, _) =>
        {
            seen.Add(sent.Request.Headers.TryGetValues(PreviousAttempts.Header, out var values) ? Assert.Single(values) : null);
            return Task.FromResult(Reply(sent.Number < 3 ? Unavailable : Ok));
        });
        using var request = Call();
        if (channels is not null)
        {
            request.Headers.Add(PreviousAttempts.Header, channels);
        }

        // Whose service config is known: else a call that was sent before is sent once.
        using var response = await SendAsync(mesh, new RpcCall(), request);

        var before = channels is null ? 0 : 3;
        Assert.Equal([first, $"{before + 1}", $"{before + 2}"], seen);
        Assert.Equal(channels, request.Headers.TryGetValues(PreviousAttempts.Header, out var after) ? Assert.Single(after) : null);
    }

    public static TheoryData<string, double> Pushbacks => new() { { "0", 0 }, { "150", 150 }, { "90000", 90_000 } };

    [Theory]
    [MemberData(nameof(Pushbacks))]
    public async Task A_server_says_how_long_to_wait(string pushback, double wait)
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: new RouteRetry(2, [503], TimeSpan.FromSeconds(10))),
            (sent, _) => Task.FromResult(sent.Number == 1 ? Reply(Unavailable, pushback) : Reply(Ok)));
        var call = mesh.Client.SendAsync(Call());
        await mesh.SentAsync(1);
        await mesh.IdleAsync();
        if (wait > 1)
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(wait - 1));
            Assert.Equal(1, mesh.Network.Sends);
        }

        using var response = await mesh.PassAsync(call, step: 1);
        var sent = mesh.Network.Log.ToArray();
        Assert.Equal(2, sent.Length);
        Assert.InRange((sent[1].At - sent[0].At).TotalMilliseconds, wait, wait + 50);
    }

    [Fact]
    public async Task After_a_pushback_the_backoff_starts_anew()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: new RouteRetry(4, [503], TimeSpan.FromSeconds(1))),
            (sent, _) => Task.FromResult(sent.Number switch { 5 => Reply(Ok), 3 => Reply(Unavailable, "7"), _ => Reply(Unavailable) }));
        using var response = await SendAsync(mesh);
        var at = mesh.Network.Log.Select(static sent => sent.At).ToArray();

        // The first wait is a second and up to half of it more, the second twice that; the last one would be eight.
        Assert.InRange((at[1] - at[0]).TotalSeconds, 1, 1.6);
        Assert.InRange((at[2] - at[1]).TotalSeconds, 2, 3.1);
        Assert.InRange((at[3] - at[2]).TotalMilliseconds, 7, 60);
        Assert.InRange((at[4] - at[3]).TotalSeconds, 1, 1.6);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("-0.5")]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("99999999999")]
    public async Task A_server_may_ask_for_no_retry(string pushback)
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(3, 503)), (_, _) => Task.FromResult(Reply(Unavailable, pushback)));
        using var response = await SendAsync(mesh);
        Assert.Equal((1, Unavailable, "-"), (mesh.Network.Sends, StatusOf(response), response.GetMeshCall()!.Flags));
    }

    [Fact]
    public async Task A_wait_makes_no_code_one_that_is_retried()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(3, 503)), static (_, _) => Task.FromResult(Reply(Internal, "1")));
        using var response = await SendAsync(mesh);
        Assert.Equal(1, mesh.Network.Sends);
    }

    // The script of grpc-go's test of unary calls: what each call gets, and the number of the last attempt that a server saw (from 0).
    public static TheoryData<int[], int[]> Unary => new() { { [0, 0, 0, 13, 13, 13, 6], [0, 2, 5, 6, 8, 11, 15] } };

    [Theory]
    [MemberData(nameof(Unary))]
    public async Task Calls_end_where_the_script_says(int[] codes, int[] last)
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(3, 409)), static (sent, _) => Task.FromResult(Reply((sent.Number - 1) switch
        {
            0 or 2 or 5 => Ok,
            6 or 8 or 11 => Internal,
            _ => 6,
        })));
        for (var i = 0; i < codes.Length; i++)
        {
            using var response = await SendAsync(mesh);
            Assert.Equal((codes[i], last[i]), (StatusOf(response), mesh.Network.Sends - 1));
        }
    }

    // What each call gets, the number of the last attempt, and the tokens that are left.
    public static TheoryData<int[], int[], double[]> Throttled => new()
    {
        {
            [0, 0, 0, 14, 14, 0, 0, 0, 0, 0, 0, 14],
            [0, 3, 6, 8, 9, 10, 11, 12, 13, 14, 16, 17],
            [10, 8.5, 7, 5, 4, 4.5, 5, 5.5, 6, 6.5, 6, 5]
        },
    };

    [Theory]
    [MemberData(nameof(Throttled))]
    public async Task A_channel_that_fails_too_often_holds_itself_back(int[] codes, int[] last, double[] tokens)
    {
        var throttle = new RetryThrottle(10, 0.5);
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(3, 503)), static (sent, _) => Task.FromResult(
            (sent.Number - 1) is 0 or 3 or 6 or (>= 10 and <= 14) or 16 or 18 ? Reply(Ok, inTrailers: true) : Reply(Unavailable)));
        for (var i = 0; i < codes.Length; i++)
        {
            using var response = await SendAsync(mesh, new RpcCall { Throttle = throttle });
            Assert.Equal((codes[i], last[i], (decimal)tokens[i]), (StatusOf(response), mesh.Network.Sends - 1, throttle.Tokens));
        }
    }

    [Theory]
    [InlineData(Unavailable, "-1", 9)]
    [InlineData(Internal, "-1", 9)]
    [InlineData(Internal, null, 10)]
    public async Task To_be_asked_for_no_retry_costs_a_token(int status, string? pushback, int tokens)
    {
        var throttle = new RetryThrottle(10, 0.5);
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(3, 503)), (_, _) => Task.FromResult(Reply(status, pushback)));
        using var response = await SendAsync(mesh, new RpcCall { Throttle = throttle });
        Assert.Equal((1, (decimal)tokens), (mesh.Network.Sends, throttle.Tokens));
    }

    [Fact]
    public async Task An_attempt_that_got_no_answer_costs_a_token_too()
    {
        var throttle = new RetryThrottle(4, 0.5);
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(9)), static (_, _) => throw ScriptedTransport.Reset());
        using var response = await SendAsync(mesh, new RpcCall { Throttle = throttle });
        Assert.Equal((2, 2m), (mesh.Network.Sends, throttle.Tokens));
        Assert.Equal(Unavailable, StatusOf(response));
    }

    public static TheoryData<int?, int, bool, bool, int, string?> Channels => new()
    {
        // Attempts of the rule (null: it has no block), what the server says, whether the channel retries it, or hedges → sends, pushback
        { 2, Unavailable, true, false, 3, "-1" },
        { 0, Unavailable, true, false, 1, "-1" },
        { null, Unavailable, true, false, 1, null },
        { 2, Internal, true, false, 1, null },
        { 2, Ok, true, false, 1, null },
        { 2, Unavailable, false, false, 3, null },
        { 2, Unavailable, false, true, 1, null },
    };

    [Theory]
    [MemberData(nameof(Channels))]
    public async Task The_attempts_of_a_rule_and_of_a_channel_never_multiply(int? attempts, int status, bool retries, bool hedges, int sends, string? pushback)
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(60_000), attempts is { } most ? RuledMesh.Retry(most, 503) : null), (_, _) => Task.FromResult(Reply(status)));
        using var response = await SendAsync(mesh, new RpcCall { IsRetried = retries, RetriedStatuses = 1u << Unavailable, IsHedged = hedges });
        Assert.Equal(sends, mesh.Network.Sends);
        Assert.Equal(pushback, response.Headers.TryGetValues(RetryPushback.Header, out var values) ? Assert.Single(values) : null);
    }

    [Fact]
    public async Task A_reply_of_the_meshs_own_stops_the_channel_too()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(1)), static (_, _) => throw ScriptedTransport.Reset());
        using var response = await SendAsync(mesh, new RpcCall { IsRetried = true, RetriedStatuses = 1u << Unavailable });
        Assert.Equal((2, "-1"), (mesh.Network.Sends, Assert.Single(response.Headers.GetValues(RetryPushback.Header))));
    }

    [Fact]
    public async Task Attempts_of_the_channel_and_of_the_rule_go_to_endpoints_that_were_not_tried()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(1, 503)), static (_, _) => Task.FromResult(Reply(Unavailable)), endpoints: 4);
        var rpc = new RpcCall { IsRetried = true };
        for (var i = 0; i < 2; i++)
        {
            using var response = await SendAsync(mesh, rpc);
        }

        Assert.Equal(4, mesh.Network.Log.Select(static sent => sent.Address).Distinct().Count());
        Assert.Equal(4, rpc.Tried.Count);
    }

    [Fact]
    public async Task Every_attempt_is_charged_with_the_status_that_its_reply_stands_for()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(1, 503)), static (sent, _) => Task.FromResult(Reply(sent.Number == 1 ? Unavailable : Ok)));
        var outcomes = RecordedOutcomes.Of(mesh.Mesh.Endpoint());
        using var response = await SendAsync(mesh);
        Assert.Equal("Answered 503, Answered 200", outcomes.ToString());
    }
}
