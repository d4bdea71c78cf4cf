using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

public sealed class RetryBudgetTests
{
    private static Task<RuledMesh> StartAsync(RetryBudget budget) => RuledMesh.StartAsync(
        RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)), static (_, _) => Task.FromResult(ScriptedTransport.Response(500)), 1, budget);

    [Fact]
    public async Task What_the_budget_refuses_is_answered_with_503_UO()
    {
        await using var mesh = await StartAsync(new RetryBudget(0, TimeSpan.FromSeconds(10), 2, TimeSpan.FromSeconds(10)));

        using var response = await mesh.PassAsync(mesh.GetAsync());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("the retry budget of test/backend:80 is used up", response.ReasonPhrase);
        Assert.Equal(("UO", 3), (response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task It_is_refilled_by_time_and_outlives_a_change_elsewhere()
    {
        var budget = new RetryBudget(0, TimeSpan.FromSeconds(10), 3, TimeSpan.FromSeconds(10));
        await using var mesh = await StartAsync(budget);
        using var first = await mesh.PassAsync(mesh.GetAsync());
        Assert.Equal("URX", first.GetMeshCall()!.Flags);
        mesh.Mesh.Publish(Snapshots.Service("backend", new IPEndPoint(IPAddress.Parse("10.0.0.9"), 80))
            .Clustered(c => c with { RetryBudget = budget with { } }).Routed(Snapshots.Table(RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)))));
        using var second = await mesh.PassAsync(mesh.GetAsync());
        Assert.Equal(("UO", 1), (second.GetMeshCall()!.Flags, second.GetMeshCall()!.Attempts));
        mesh.Time.Advance(TimeSpan.FromSeconds(11));
        using var third = await mesh.PassAsync(mesh.GetAsync());
        Assert.Equal("URX", third.GetMeshCall()!.Flags);
    }

    [Fact]
    public async Task A_share_of_all_requests_may_be_retries()
    {
        await using var mesh = await StartAsync(new RetryBudget(25, TimeSpan.FromHours(1), 0, TimeSpan.FromSeconds(1)));
        for (var i = 0; i < 100; i++)
        {
            using var response = await mesh.PassAsync(mesh.GetAsync());
        }

        var retries = mesh.Network.Sends - 100;
        Assert.InRange(retries * 100.0 / mesh.Network.Sends, 23, 25);
    }
}
