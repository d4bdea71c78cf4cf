using System.Collections.Concurrent;
using MeshSdk.Conformance.Cluster;
using MeshSdk.Conformance.Report;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance.Cases;

/// <summary>Runs the cases of one class, and keeps each scenario's world for all of its cases.</summary>
public sealed class Worlds(EchoPods pods) : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, Lazy<Task<World>>> _worlds = new(StringComparer.Ordinal);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <param name="scenario">The name of the scenario.</param>
    /// <param name="name">The name of the case.</param>
    /// <param name="version">The HTTP version of the calls.</param>
    public async Task RunAsync(string scenario, string name, string version)
    {
        var played = Catalog.Find(scenario);
        var part = played.Cases.Single(part => part.Name == name);
        Scoreboard.Begin(scenario);
        if (part.Alone)
        {
            await using var world = await World.StartAsync(pods, played, TestContext.Current.CancellationToken);
            await part.Body(new Run(world, played, Version.Parse(version)));
        }
        else
        {
            var world = _worlds.GetOrAdd(scenario, _ => new(() => World.StartAsync(pods, played, CancellationToken.None)));
            await part.Body(new Run(await world.Value, played, Version.Parse(version)));
        }

        Scoreboard.Pass(scenario);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var world in _worlds.Values)
        {
            await (await world.Value).DisposeAsync();
        }
    }
}
