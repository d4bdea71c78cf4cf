using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures.Scripts;

namespace MeshSdk.Grpc.Tests.Fixtures.Callers;

/// <summary>A call that is to be made: its name, by which servers keep what they see of it, what they are to do with it, and its options.</summary>
internal sealed class Call
{
    /// <param name="script">See <see cref="ScriptedServer"/>; null: it is answered.</param>
    /// <param name="metadata">More metadata, each <c>name=value</c>, divided by spaces.</param>
    /// <param name="options">Deadline, cancellation and the like.</param>
    public Call(string? script = null, string metadata = "", CallOptions options = default)
    {
        var headers = new Metadata();
        foreach (var entry in options.Headers ?? [])
        {
            headers.Add(entry);
        }

        headers.Add(ScriptedServer.CallHeader, Name);
        if (script is not null)
        {
            headers.Add(ScriptedServer.ScriptHeader, script);
        }

        foreach (var entry in metadata.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = entry.Split('=', 2);
            headers.Add(parts[0], parts[1]);
        }

        Options = options.WithHeaders(headers);
    }

    public string Name { get; } = Guid.NewGuid().ToString("N");

    public CallOptions Options { get; }

    /// <summary>What has arrived of it so far, over all servers.</summary>
    public IReadOnlyList<Arrival> Arrivals => Ledger.Of(Name);

    /// <summary>The names of the servers that it came to, in order.</summary>
    public string Path => string.Join(' ', Arrivals.Select(static arrival => arrival.Server));

    /// <summary>Waits until as many attempts of it have arrived.</summary>
    public Task<IReadOnlyList<Arrival>> ArrivedAsync(int count = 1) =>
        Eventually.HoldsAsync(() => Arrivals, arrivals => arrivals.Count >= count, $"{count} attempts have arrived");

    /// <summary>Lets servers break off what is seen.</summary>
    public void See() => Ledger.See(Name);

    /// <summary>Waits until the caller has its headers, of any kind but a blocking one.</summary>
    public Task SeenAsync() => Ledger.SeenAsync(Name).WaitAsync(Eventually.Patience);

    /// <summary>Ends the steps of its script that wait.</summary>
    public void Release() => Ledger.Release(Name);
}
