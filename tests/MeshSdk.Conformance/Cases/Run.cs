using System.Diagnostics;
using MeshSdk.Conformance.Cluster;
using MeshSdk.Conformance.Echo;

namespace MeshSdk.Conformance.Cases;

/// <summary>A case at work: in a world, in one HTTP version.</summary>
internal sealed class Run(World world, Scenario scenario, Version version)
{
    // As upstream: an expectation holds once it has held three times in a row.
    private const int Successes = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public World World => world;

    public Version Version => version;

    /// <summary>Sends a call once.</summary>
    public async Task<Answer> SendAsync(Call call)
    {
        var named = Complete(call);
        return await (await world.CallerAsync(named.From!)).SendAsync(named, version);
    }

    /// <summary>Sends a call until it has been answered as expected three times in a row.</summary>
    public Task CheckAsync(Call call, Expected expected) => CheckAsync(call, expected, static _ => null);

    /// <param name="alsoDiffers">What else is wrong with an answer; null: nothing.</param>
    public Task CheckAsync(Call call, Expected expected, Func<Answer, string?> alsoDiffers) => ConvergeAsync(async () =>
    {
        var named = Complete(call);
        var answer = await (await world.CallerAsync(named.From!)).SendAsync(named, version);
        return (Comparison.Differ(scenario, named, expected, answer, version) ?? alsoDiffers(answer)) is { } difference ? $"{difference}\n\n{answer}" : null;
    });

    /// <summary>Tries until it has succeeded three times in a row.</summary>
    /// <param name="attempt">Null: it succeeded; else why not.</param>
    public async Task ConvergeAsync(Func<Task<string?>> attempt)
    {
        string? reason = null;
        var trying = Stopwatch.StartNew();
        for (var successes = 0; successes < Successes;)
        {
            try
            {
                reason = await attempt();
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                reason = $"no answer: {e.Message}";
            }

            successes = reason is null ? successes + 1 : 0;
            if (reason is not null)
            {
                if (trying.Elapsed > world.Patience.Limit)
                {
                    world.Patience.Lose();
                    Assert.Fail(reason);
                }

                await Task.Delay(Pause, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Sends a call many times, one after the other, each of which has to succeed, and counts the answers of each workload.</summary>
    public async Task<IReadOnlyDictionary<string, int>> TallyAsync(Call call, int count)
    {
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var answer = await SendAsync(call);
            var name = answer.Pod is { } pod ? pod[..pod.LastIndexOf('-')] : $"{answer.GrpcStatus ?? answer.Status}";
            tally[name] = tally.GetValueOrDefault(name) + 1;
        }

        return tally;
    }

    /// <summary>What a pod of the scenario's backends has received of a call so far.</summary>
    public IReadOnlyList<EchoRequest> Received(Answer answer, string workload) => world.Pods.Received(answer.Call, scenario.BackendNamespace, workload);

    public Task ApplyAsync(string manifests) => world.ApplyAsync(manifests, TestContext.Current.CancellationToken);

    private Call Complete(Call call) => call with
    {
        From = call.From ?? scenario.CallerNamespace,
        Url = call.Url.StartsWith('/') ? scenario.Origin + call.Url : call.Url,
        Id = Guid.NewGuid().ToString("N"),
    };
}
