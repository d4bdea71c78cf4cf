using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Outliers;

/// <summary>Each request that is sent ends in one outcome for its endpoint.</summary>
public sealed class OutcomeTests
{
    private const HttpCompletionOption HeadersOnly = HttpCompletionOption.ResponseHeadersRead;

    private static async Task<(TestMesh Mesh, HttpClient Client, RecordedOutcomes Outcomes)> StartAsync(
        Func<Sent, CancellationToken, Task<HttpResponseMessage>> answer, ClusterProtocol protocol = ClusterProtocol.Auto)
    {
        var mesh = await TestMesh.StartAsync(
            new MeshOptions { TransportFactory = new ScriptedTransport(answer) },
            Snapshots.Service("backend", new IPEndPoint(new IPAddress([10, 0, 0, 1]), 80)).Speaking(protocol));
        return (mesh, mesh.CreateClient(), RecordedOutcomes.Of(mesh.Endpoint()));
    }

    private static Func<Sent, CancellationToken, Task<HttpResponseMessage>> Answer(Func<HttpResponseMessage> response) =>
        (_, _) => Task.FromResult(response());

    private static Func<Sent, CancellationToken, Task<HttpResponseMessage>> Throw(Exception error) => (_, _) => Task.FromException<HttpResponseMessage>(error);

    private static Func<Sent, CancellationToken, Task<HttpResponseMessage>> Script(string answer) => answer switch
    {
        "refused" => Throw(ScriptedTransport.Refused()),
        "reset" => Throw(ScriptedTransport.Reset()),
        "no http" => Throw(new HttpRequestException(HttpRequestError.InvalidResponse, "what?")),
        "broken" => Answer(static () => ScriptedBody.Breaking()),
        "broken error" => Answer(static () => ScriptedBody.Breaking(503)),
        _ => Answer(() => ScriptedTransport.Response(int.Parse(answer), "body")),
    };

    [Theory]
    [InlineData("200", "Answered 200")]
    [InlineData("204", "Answered 204")]
    [InlineData("302", "Answered 302")]
    [InlineData("404", "Answered 404")]
    [InlineData("500", "Answered 500")]
    [InlineData("503", "Answered 503")]
    [InlineData("refused", "ConnectFailed")]
    [InlineData("reset", "Reset")]
    [InlineData("no http", "Reset")]
    [InlineData("broken", "Reset 200")]
    [InlineData("broken error", "Answered 503")] // charged already
    public async Task A_request_ends_in_one_outcome(string answer, string expected)
    {
        var (mesh, client, outcomes) = await StartAsync(Script(answer));
        await using var running = mesh;
        try
        {
            (await client.GetAsync("http://backend/")).Dispose();
        }
        catch (HttpRequestException)
        {
            // A broken body is its reader's.
        }

        Assert.Equal(expected, outcomes.ToString());
        await Eventually.IdleAsync(mesh);
        Assert.Equal(expected, outcomes.ToString());
    }

    [Theory]
    [InlineData("200", "Answered 200")]
    [InlineData("503", "Answered 503")]
    [InlineData("refused", "ConnectFailed")]
    [InlineData("reset", "Reset")]
    public async Task So_does_a_synchronous_one(string answer, string expected)
    {
        await using var server = answer == "reset"
            ? RawServer.Start(static async connection => await connection.ReadHeadAsync())
            : RawServer.Start(async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.WriteAsync($"HTTP/1.1 {answer} X\r\nContent-Length: 2\r\n\r\nok");
            });
        var address = answer == "refused" ? await UnusedAsync() : server.EndPoint;
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", address));
        var outcomes = RecordedOutcomes.Of(mesh.Endpoint());
        using var client = mesh.CreateClient();
        using (client.Send(new HttpRequestMessage(HttpMethod.Get, "http://backend/")))
        {
        }

        Assert.Equal(expected, outcomes.ToString());
    }

    private static async Task<IPEndPoint> UnusedAsync()
    {
        await using var server = RawServer.Start(static _ => Task.CompletedTask);
        return server.EndPoint;
    }

    [Fact]
    public async Task An_error_is_charged_at_its_headers_and_a_success_at_its_end()
    {
        var status = 503;
        var (mesh, client, outcomes) = await StartAsync(Answer(() => ScriptedBody.Ending(status)));
        await using var running = mesh;
        using (await client.GetAsync("http://backend/", HeadersOnly))
        {
            Assert.Equal("Answered 503", outcomes.ToString());
        }

        Assert.Equal("Answered 503", outcomes.ToString());
        status = 200;
        using (var response = await client.GetAsync("http://backend/", HeadersOnly))
        {
            Assert.Equal(1, outcomes.Count);
            await response.Content.ReadAsStringAsync();
            Assert.Equal("Answered 503, Answered 200", outcomes.ToString());
        }

        Assert.Equal(2, outcomes.Count);
    }

    [Fact]
    public async Task A_response_that_the_caller_wants_no_more_of_was_an_answer()
    {
        var (mesh, client, outcomes) = await StartAsync(Answer(static () => ScriptedBody.Hanging()));
        await using var running = mesh;
        (await client.GetAsync("http://backend/", HeadersOnly)).Dispose();
        Assert.Equal("Answered 200", outcomes.ToString());
    }

    [Fact]
    public async Task So_was_one_that_nobody_ever_looked_at()
    {
        var (mesh, client, outcomes) = await StartAsync(Answer(static () => ScriptedBody.Hanging()));
        await using var running = mesh;
        await ForgetAsync(client);
        await Collected.True(() => outcomes.Count > 0, "an outcome");
        Assert.Equal("Answered 200", outcomes.ToString());

        static async Task ForgetAsync(HttpClient client) => _ = await client.GetAsync("http://backend/", HeadersOnly);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_read_that_the_caller_gave_up_says_nothing(string version)
    {
        var (mesh, client, outcomes) = await StartAsync(Answer(() => ScriptedBody.Hanging(200, Version.Parse(version))));
        await using var running = mesh;
        using var stop = new CancellationTokenSource();
        using (var response = await client.GetAsync("http://backend/", HeadersOnly))
        {
            var body = await response.Content.ReadAsStreamAsync();
            Assert.Equal(1, await body.ReadAsync(new byte[10]));
            var read = body.ReadAsync(new byte[10], stop.Token).AsTask();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }

        Assert.Equal("Abandoned 200", outcomes.ToString());
    }

    [Fact]
    public async Task A_call_that_the_caller_gave_up_says_nothing()
    {
        var (mesh, client, outcomes) = await StartAsync(static (_, stop) => ScriptedTransport.HangAsync(stop));
        await using var running = mesh;
        using var cancelled = new CancellationTokenSource();
        var call = client.GetAsync("http://backend/", cancelled.Token);
        await Eventually.HoldsAsync(() => mesh.Endpoint().ActiveRequests == 1, "it is sent");
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("Abandoned", outcomes.ToString());
    }

    [Fact]
    public async Task A_body_of_the_callers_that_cannot_be_read_says_nothing()
    {
        var (mesh, client, outcomes) = await StartAsync(Script("200"));
        await using var running = mesh;
        using var broken = new StreamContent(new ScriptedBody(static _ => throw new IOException("my disk")));
        await Assert.ThrowsAnyAsync<Exception>(() => client.PostAsync("http://backend/", broken));
        Assert.Equal("Abandoned", outcomes.ToString());
    }

    [Fact]
    public async Task What_is_never_sent_is_charged_to_nobody()
    {
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", new IPEndPoint(IPAddress.Loopback, 1)).WantingTls());
        var outcomes = RecordedOutcomes.Of(mesh.Endpoint());
        using var client = mesh.CreateClient();
        using var response = await client.GetAsync("http://backend/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(0, outcomes.Count);
    }

    [Fact]
    public async Task A_connection_that_becomes_something_else_was_an_answer_at_once()
    {
        await using var server = RawServer.Start(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
            await connection.ReadHeadAsync();
            connection.Reset();
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        var outcomes = RecordedOutcomes.Of(mesh.Endpoint());
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { { "Connection", "Upgrade" }, { "Upgrade", "x" } } };
        using (await client.SendAsync(request, HeadersOnly))
        {
            Assert.Equal("Answered 101", outcomes.ToString());
        }

        Assert.Equal(1, outcomes.Count);
    }

    // HTTP status, grpc-status in the headers, in the trailers; - for none.
    [Theory]
    [InlineData(200, "-", "0", "Answered 200")]
    [InlineData(200, "-", "14", "Answered 503")]
    [InlineData(200, "14", "-", "Answered 503")]
    [InlineData(200, "-", "1", "Answered 499")]
    [InlineData(200, "-", "2", "Answered 500")]
    [InlineData(200, "-", "4", "Answered 504")]
    [InlineData(200, "-", "5", "Answered 404")]
    [InlineData(200, "-", "8", "Answered 429")]
    [InlineData(200, "-", "12", "Answered 501")]
    [InlineData(200, "-", "13", "Answered 500")]
    [InlineData(200, "-", "99", "Answered 500")]
    [InlineData(200, "-", "-", "Answered 500")] // it ended, and did not say how
    [InlineData(503, "-", "-", "Answered 503")] // a proxy on the way, which knows no gRPC
    [InlineData(404, "-", "-", "Answered 404")]
    public async Task A_gRPC_call_is_judged_by_its_own_status(int status, string inHeaders, string inTrailers, string expected)
    {
        var (mesh, client, outcomes) = await StartAsync(
            Answer(() =>
            {
                var response = ScriptedBody.Ending(status);
                response.Version = HttpVersion.Version20;
                response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
                if (inHeaders != "-")
                {
                    response.Headers.Add("grpc-status", inHeaders);
                }

                if (inTrailers != "-")
                {
                    response.TrailingHeaders.Add("grpc-status", inTrailers);
                }

                return response;
            }),
            ClusterProtocol.Http2);
        await using var running = mesh;
        using (var response = await client.SendAsync(Call(), HeadersOnly))
        {
            await response.Content.ReadAsByteArrayAsync();
        }

        Assert.Equal(expected, outcomes.ToString());
    }

    // Its status stands in its body.
    [Theory]
    [InlineData(200, "Answered 200")]
    [InlineData(503, "Answered 503")]
    public async Task A_call_of_gRPC_Web_is_judged_by_the_status_of_HTTP(int status, string expected)
    {
        const string Web = "application/grpc-web+proto";
        var (mesh, client, outcomes) = await StartAsync(
            Answer(() =>
            {
                var response = ScriptedBody.Ending(status);
                response.Version = HttpVersion.Version20;
                response.Content.Headers.ContentType = new MediaTypeHeaderValue(Web);
                return response;
            }),
            ClusterProtocol.Http2);
        await using var running = mesh;
        using var request = Call();
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue(Web);
        using (var response = await client.SendAsync(request, HeadersOnly))
        {
            await response.Content.ReadAsByteArrayAsync();
        }

        Assert.Equal(expected, outcomes.ToString());
    }

    public static TheoryData<int, int> GrpcStatuses => new()
    {
        { 0, 200 }, { 1, 499 }, { 2, 500 }, { 3, 400 }, { 4, 504 }, { 5, 404 }, { 6, 409 }, { 7, 403 }, { 8, 429 },
        { 9, 400 }, { 10, 409 }, { 11, 400 }, { 12, 501 }, { 13, 500 }, { 14, 503 }, { 15, 500 }, { 16, 401 }, { 17, 500 },
    };

    [Theory]
    [MemberData(nameof(GrpcStatuses))]
    public void A_gRPC_status_is_taken_for_the_HTTP_status_that_Envoy_takes_it_for(int grpcStatus, int status) =>
        Assert.Equal(status, MeshSdk.Routing.GrpcCall.HttpStatusFor(grpcStatus));

    [Fact]
    public async Task A_gRPC_call_that_the_caller_lets_go_says_nothing_and_one_that_breaks_is_lost()
    {
        var hangs = true;
        var (mesh, client, outcomes) = await StartAsync(
            Answer(() => hangs ? ScriptedBody.Hanging(200, HttpVersion.Version20) : ScriptedBody.Breaking()), ClusterProtocol.Http2);
        await using var running = mesh;
        (await client.SendAsync(Call(), HeadersOnly)).Dispose();
        Assert.Equal("Abandoned 200", outcomes.ToString());

        hangs = false;
        using var response = await client.SendAsync(Call(), HeadersOnly);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
        Assert.Equal("Abandoned 200, Reset 200", outcomes.ToString());
    }

    private static HttpRequestMessage Call() => new(HttpMethod.Post, "http://backend/test.Echo/Unary")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
    };

    [Fact]
    public async Task Each_try_of_a_request_is_charged()
    {
        string[] answers = ["503", "refused", "reset", "200"];
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(5, 503)), (sent, stop) => Script(answers[sent.Number - 1])(sent, stop));
        var outcomes = RecordedOutcomes.Of(mesh.Mesh.Endpoint());
        using var response = await mesh.PassAsync(mesh.GetAsync(), 100);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Answered 503, ConnectFailed, Reset, Answered 200", outcomes.ToString());
    }

    [Fact]
    public async Task So_is_the_last_one_of_retries_that_are_used_up()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(1, 503)), Script("503"));
        var outcomes = RecordedOutcomes.Of(mesh.Mesh.Endpoint());
        using var response = await mesh.PassAsync(mesh.GetAsync(), 100);
        Assert.Equal("Answered 503, Answered 503", outcomes.ToString());
    }

    [Theory]
    [InlineData(500.0, null)]
    [InlineData(null, 500.0)]
    public async Task A_try_that_was_not_answered_in_time_is_late(double? request, double? backendRequest)
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(request, backendRequest)), static (_, stop) => ScriptedTransport.HangAsync(stop));
        var outcomes = RecordedOutcomes.Of(mesh.Mesh.Endpoint());
        var call = mesh.GetAsync();
        await mesh.SentAsync(1);
        using var response = await mesh.PassAsync(call, 100);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("TimedOut", outcomes.ToString());
    }

    [Theory]
    [InlineData(200, "TimedOut 200")]
    [InlineData(503, "Answered 503")]
    public async Task So_is_a_body_that_does_not_end_in_time_whether_or_not_somebody_reads(int status, string expected)
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(500)), (_, _) => Task.FromResult(ScriptedBody.Hanging(status)));
        var outcomes = RecordedOutcomes.Of(mesh.Mesh.Endpoint());
        using var response = await mesh.GetAsync(HeadersOnly);
        await mesh.PassUntilAsync(() => outcomes.Count > 0, 100);
        Assert.Equal(expected, outcomes.ToString());
    }

    [Fact]
    public async Task A_caller_that_gives_up_under_a_rule_is_charged_to_nobody()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(500), RuledMesh.Retry(3, 503)), static (_, stop) => ScriptedTransport.HangAsync(stop));
        var outcomes = RecordedOutcomes.Of(mesh.Mesh.Endpoint());
        using var cancelled = new CancellationTokenSource();
        var call = mesh.Client.GetAsync("http://backend/", cancelled.Token);
        await mesh.SentAsync(1);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("Abandoned", outcomes.ToString());
    }

    [Theory]
    [InlineData("200", "Answered 200")]
    [InlineData("503", "Answered 503")]
    [InlineData("broken", "Reset 200")]
    [InlineData("refused", "ConnectFailed")]
    [InlineData("hang", "TimedOut")]
    public async Task A_copy_is_charged_to_its_endpoint_like_any_other_request(string answer, string expected)
    {
        var rule = RuledMesh.Rule() with { Filters = [new MirrorFilter(new BackendModel(Snapshots.Cluster("shadow"), 1), 1, 1)] };
        var shadow = Snapshots.Service("shadow", new IPEndPoint(new IPAddress([10, 9, 0, 1]), 80));
        await using var mesh = await RuledMesh.StartAsync(
            rule,
            (sent, stop) => sent.Address != "10.9.0.1:80" ? Script("200")(sent, stop)
                : answer == "hang" ? ScriptedTransport.HangAsync(stop)
                : Script(answer)(sent, stop),
            1, null, null, null, shadow);
        var outcomes = RecordedOutcomes.Of(mesh.Mesh.Endpoint("http://shadow"));
        using var response = await mesh.GetAsync();
        await mesh.PassUntilAsync(() => outcomes.Count > 0, 1000);
        Assert.Equal(expected, outcomes.ToString());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Eventually.IdleAsync(mesh.Mesh, "http://shadow");
    }
}
