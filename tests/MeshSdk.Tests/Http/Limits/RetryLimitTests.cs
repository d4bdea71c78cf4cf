using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Limits;

/// <summary>The most retries at once. What they do not let through is no failure of its own: the caller gets what there is.</summary>
public sealed class RetryLimitTests
{
    // Requests for /hold answer 503 at first, and then hang.
    private static Task<RuledMesh> StartAsync(ConnectionLimits limits, Func<Task<HttpResponseMessage>>? answer = null)
    {
        var held = 0;
        return RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(2, 503)),
            (sent, cancellationToken) =>
                sent.Request.RequestUri!.AbsolutePath == "/hold" && Interlocked.Increment(ref held) > 1 ? ScriptedTransport.HangAsync(cancellationToken)
                : answer is not null && sent.Request.RequestUri!.AbsolutePath == "/" ? answer()
                : Task.FromResult(ScriptedTransport.Response(503, "of the backend")),
            c => c with { Limits = limits });
    }

    public static TheoryData<string> Kinds => ["number", "share"];

    private static ConnectionLimits LimitsOf(string kind) =>
        kind == "number" ? new ConnectionLimits { MaxRetries = 1 } : new ConnectionLimits { RetryShare = new RetryShare(0, 1) };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_retry_that_is_refused_leaves_the_last_response(string kind)
    {
        await using var mesh = await StartAsync(LimitsOf(kind));
        using var stop = new CancellationTokenSource();
        var held = mesh.Client.GetAsync("http://backend/hold", stop.Token);
        await mesh.PassUntilAsync(() => mesh.Network.Sends == 2);
        Assert.Equal(1, mesh.Mesh.Cluster().Use.Retries);

        using var refused = await mesh.PassAsync(mesh.GetAsync());

        var call = refused.GetMeshCall()!;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "of the backend"), (refused.StatusCode, await refused.Content.ReadAsStringAsync()));
        Assert.Equal(("UO", 1, "10.0.0.1:80"), (call.Flags, call.Attempts, call.Endpoint));
        Assert.False(refused.Headers.Contains("x-envoy-overloaded"));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await mesh.IdleAsync();
        using var tried = await mesh.PassAsync(mesh.GetAsync());
        Assert.Equal(("URX", 3), (tried.GetMeshCall()!.Flags, tried.GetMeshCall()!.Attempts));
        Assert.Equal((0, 0), (mesh.Mesh.Cluster().Use.Retries, mesh.Mesh.Cluster().Use.Requests));
    }

    [Fact]
    public async Task Without_a_response_the_mesh_says_why_there_is_none_and_why_it_was_not_tried_again()
    {
        await using var mesh = await StartAsync(LimitsOf("number"), static () => throw ScriptedTransport.Refused());
        using var stop = new CancellationTokenSource();
        var held = mesh.Client.GetAsync("http://backend/hold", stop.Token);
        await mesh.PassUntilAsync(() => mesh.Network.Sends == 2);

        using var refused = await mesh.PassAsync(mesh.GetAsync());

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UF,UO", 1), (refused.StatusCode, refused.GetMeshCall()!.Flags, refused.GetMeshCall()!.Attempts));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
    }

    [Fact]
    public async Task Retries_one_after_the_other_are_one_at_a_time()
    {
        await using var mesh = await StartAsync(LimitsOf("number"));
        for (var i = 0; i < 3; i++)
        {
            using var response = await mesh.PassAsync(mesh.GetAsync());
            Assert.Equal(("URX", 3), (response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        }

        Assert.Equal(0, mesh.Mesh.Cluster().Use.Retries);
    }

    [Fact]
    public async Task Where_both_are_stated_a_budget_that_is_used_up_costs_no_retry()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)), static (_, _) => Task.FromResult(ScriptedTransport.Response(500)),
            static c => c with
            {
                RetryBudget = new RetryBudget(0, TimeSpan.FromHours(1), 1, TimeSpan.FromHours(1)),
                Limits = new ConnectionLimits { MaxRetries = 1 },
            });

        using var first = await mesh.PassAsync(mesh.GetAsync());
        using var second = await mesh.PassAsync(mesh.GetAsync());

        Assert.Equal(("UO", 2, "UO", 1), (first.GetMeshCall()!.Flags, first.GetMeshCall()!.Attempts, second.GetMeshCall()!.Flags, second.GetMeshCall()!.Attempts));
        Assert.Equal(0, mesh.Mesh.Cluster().Use.Retries);
    }
}
