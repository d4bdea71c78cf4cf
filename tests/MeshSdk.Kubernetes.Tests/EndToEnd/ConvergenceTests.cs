using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>Whatever befalls the API server, the mesh comes to what the server says, and no request fails meanwhile.</summary>
public sealed class ConvergenceTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public static TheoryData<string> Faults => [.. ClusterFault.All.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task After_a_fault_all_is_as_the_server_says_and_nothing_has_failed(string name)
    {
        var fault = ClusterFault.All[name];
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time, credentials: Credentials.ServiceAccount);
        await process.TallyAsync(20);

        for (var minute = 0; minute < 3 && fault.IsNoticedBySilence; minute++)
        {
            // Every watch sees a bookmark, and learns how often they come.
            await _time.PassAsync(TimeSpan.FromSeconds(60));
            await Wait.UntilAsync(() => process.Mesh.Watches.All(static watch => watch.Age < TimeSpan.FromSeconds(15)));
        }

        await using var load = new SteadyLoad(process);
        await using var pod = await FailAsync(cluster, fault);
        await Wait.UntilAsync(
            async () => await process.TallyAsync(4) == "v2=4" && pod.Calls > 0, _time, fault.Bound, () => Describe(process));

        await pod.RemoveAsync();
        await cluster.SplitAsync(1, 0);

        // Nobody has to try again for that, which would be a second later.
        await Wait.UntilAsync(async () => await process.TallyAsync(4) == "v1=4", _time, TimeSpan.Zero, () => Describe(process));
        await load.EndAsync();
        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Healthy, _time, fault.Bound, () => Describe(process));
    }

    /// <summary>Faults at random, several at once. Takes a minute, and is no part of the suite: <c>-explicit only</c> runs it.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Soak")]
    public async Task After_many_faults_at_random_all_is_as_the_server_says_and_nothing_has_failed()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var until = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1);
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time, credentials: Credentials.ServiceAccount);
        await process.TallyAsync(20);
        await using var load = new SteadyLoad(process);
        for (var round = 0; DateTimeOffset.UtcNow < until; round++)
        {
            var names = ClusterFault.All.Keys.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).ToArray();
            TestContext.Current.TestOutputHelper?.WriteLine($"round {round}: {string.Join(", ", names)}");
            var endings = new List<IAsyncDisposable>();
            foreach (var name in names)
            {
                endings.Add(await ClusterFault.All[name].Begin(cluster));
                await _time.PassAsync(TimeSpan.FromSeconds(random.Next(20)));
            }

            var toV2 = random.Next(2) == 0;
            await cluster.SplitAsync(toV2 ? 0 : 1, toV2 ? 1 : 0);
            var pod = await cluster.AddPodAsync(toV2 ? "v2" : "v1", $"extra-{round}");
            foreach (var ending in endings.OrderBy(_ => random.Next()))
            {
                await _time.PassAsync(TimeSpan.FromSeconds(random.Next(20)));
                await ending.DisposeAsync();
            }

            // Of several faults at once one can hide in the back-off of another.
            await Wait.UntilAsync(
                async () => await process.TallyAsync(4) == (toV2 ? "v2=4" : "v1=4") && pod.Calls > 0,
                _time,
                TimeSpan.FromMinutes(7),
                () => $"seed {seed}, round {round} ({string.Join(", ", names)}): {Describe(process)}");
            await pod.RemoveAsync();
        }

        await load.EndAsync();
    }

    private async Task<CanaryPod> FailAsync(CanaryCluster cluster, ClusterFault fault)
    {
        await using (await fault.Begin(cluster))
        {
            // The old and the new are both right meanwhile, and either has to answer.
            await cluster.SplitAsync(0, 1);
            var pod = await cluster.AddPodAsync("v2", "new");
            await _time.PassAsync(TimeSpan.FromSeconds(20));
            return pod;
        }
    }

    private static string Describe(MeshProcess process) =>
        string.Join("\n", process.Mesh.Watches.Select(static watch => $"{watch} {watch.Age}").Concat(process.Log.GetSnapshot().Select(static record => record.Message)));
}
