using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>Timeouts of routes, up to the headers of the response. See <see cref="BodyTimeoutTests"/> for what follows.</summary>
public sealed class TimeoutTests
{
    private static Task<HttpResponseMessage> Hang(Sent sent, CancellationToken cancellationToken) => ScriptedTransport.HangAsync(cancellationToken);

    private static MeshCallInfo CallOf(HttpResponseMessage response) => response.GetMeshCall()!;

    public static TheoryData<double?, double?, string> Bounds => new()
    {
        { 500, null, "timeouts.request" },
        { null, 500, "timeouts.backendRequest" },
        { 500, 0, "timeouts.request" },
        { 0, 500, "timeouts.backendRequest" },
        { 500, 500, "timeouts." },
        { 500, 600, "timeouts.request" },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    public async Task No_answer_in_time_is_504_UT_and_the_reason_names_timeout_and_route(double? request, double? backendRequest, string field)
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(request, backendRequest)), Hang);
        var call = mesh.GetAsync();
        await mesh.SentAsync(1);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(call.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));

        using var response = await call;

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains(field, response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Contains("0.5 s", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.EndsWith(" of HTTPRoute test/route rule 0", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(("UT", 1, "10.0.0.1:80", "test/backend:80"), (CallOf(response).Flags, CallOf(response).Attempts, CallOf(response).Endpoint, CallOf(response).Backend));
        await mesh.IdleAsync();
    }

    [Theory]
    [InlineData(0.0, null)]
    [InlineData(null, 0.0)]
    [InlineData(0.0, 0.0)]
    [InlineData(null, null)]
    public async Task Zero_and_unset_mean_no_timeout(double? request, double? backendRequest)
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(request, backendRequest)), (_, _) => answer.Task);
        var call = mesh.GetAsync();
        await mesh.SentAsync(1);
        mesh.Time.Advance(TimeSpan.FromDays(30));
        answer.SetResult(ScriptedTransport.Response(200, "late"));

        using var response = await call;

        Assert.Equal("late", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_timeout_of_eleven_years_is_no_error()
    {
        var longest = new RouteTimeouts(TimeSpan.FromHours(99_999), TimeSpan.FromHours(99_999));
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(longest, new RouteRetry(1, [500], TimeSpan.FromHours(99_999))), static (_, _) => Task.FromResult(ScriptedTransport.Response(200)));
        using var response = await mesh.GetAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_answer_in_time_is_the_answer_and_its_deadline_ends_no_later_request()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(500, 400)), static (_, _) => Task.FromResult(ScriptedTransport.Response(200, "ok")));
        for (var i = 0; i < 5; i++)
        {
            using var response = await mesh.GetAsync();
            Assert.Equal((HttpStatusCode.OK, "-"), (response.StatusCode, CallOf(response).Flags));
            mesh.Time.Advance(TimeSpan.FromMilliseconds(300));
        }
    }

    [Fact]
    public async Task The_callers_own_cancellation_stays_its_own()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500, 400), RuledMesh.Retry(3)), Hang);
        using var invoker = new HttpMessageInvoker(mesh.Mesh.CreateHandler(options: new MeshClientOptions { RecordCalls = true }));
        using var cancelled = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        var call = invoker.SendAsync(request, cancelled.Token);
        await mesh.SentAsync(1);
        await cancelled.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Equal(cancelled.Token, error.CancellationToken);
        Assert.True(request.Options.TryGetValue(MeshCallInfo.Key, out var info));
        Assert.Equal(("DC", 1), (info.Flags, info.Attempts));
        Assert.Equal(1, mesh.Network.Sends);
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task The_clients_own_timeout_stays_its_own()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500_000)), Hang);
        mesh.Client.Timeout = TimeSpan.FromMilliseconds(50);
        var error = await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.GetAsync());
        Assert.IsType<TimeoutException>(error.InnerException);
    }

    private static HttpRequestMessage GrpcCall(bool isUnary)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/echo.Echo/Say")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        if (isUnary)
        {
            request.Options.Set(RpcMethods.IsUnaryKey, true);
        }

        return request;
    }

    [Fact]
    public async Task A_gRPC_call_that_is_known_to_be_unary_ends_with_DEADLINE_EXCEEDED()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500)), Hang);
        using var request = GrpcCall(isUnary: true);
        var call = mesh.Client.SendAsync(request);
        await mesh.SentAsync(1);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(500));

        using var response = await call;

        Assert.Equal((HttpStatusCode.OK, "4"), (response.StatusCode, Assert.Single(response.Headers.GetValues("grpc-status"))));
        Assert.Equal("UT", CallOf(response).Flags);
    }

    [Fact]
    public async Task Any_other_gRPC_call_may_be_a_stream_and_has_no_timeout()
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500, 500)), (_, _) => answer.Task);
        using var request = GrpcCall(isUnary: false);
        var call = mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await mesh.SentAsync(1);
        mesh.Time.Advance(TimeSpan.FromHours(1));
        answer.SetResult(ScriptedTransport.Response(200));
        using var response = await call;
        Assert.Equal("-", CallOf(response).Flags);
    }
}
