using System.Threading.Channels;
using MeshSdk.Resources;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Sources;

/// <summary>A directory of manifests with a source over it, and the state that its events add up to.</summary>
internal sealed class ManifestHarness : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider? _clock;
    private ManifestSource? _source;
    private ChannelReader<ResourceEvent>? _events;

    public ManifestHarness(FakeTimeProvider? clock = null)
    {
        _clock = clock;
        Directory = System.IO.Directory.CreateTempSubdirectory("mesh-").FullName;
    }

    public string Directory { get; }

    public FakeLogger<ManifestSource> Log { get; } = new();

    public Dictionary<ResourceKey, Resource> Resources { get; } = [];

    public IReadOnlyList<MeshDiagnostic> Problems { get; private set; } = [];

    /// <summary>All that came after the first.</summary>
    public List<ResourceEvent> Changes { get; } = [];

    public IEnumerable<string> Names => Resources.Keys.Select(key => key.Name).Order(StringComparer.Ordinal);

    public string PathOf(string name) => Path.Combine(Directory, name);

    public void Write(string name, string text)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
    }

    /// <summary>As careful programs write: beside the file, then over it.</summary>
    public void Replace(string name, string text)
    {
        File.WriteAllText(PathOf(name + ".tmp"), text);
        File.Move(PathOf(name + ".tmp"), PathOf(name), overwrite: true);
    }

    public Task<ResourceEvent> StartAsync(params string[] paths) => StartAsync(new ManifestSourceOptions(), paths);

    public async Task<ResourceEvent> StartAsync(ManifestSourceOptions options, params string[] paths)
    {
        _source = new(paths.Length == 0 ? [Directory] : [.. paths.Select(path => path == "-" ? path : PathOf(path))], _clock ?? TimeProvider.System, Log, options);
        _events = _source.Start(CancellationToken.None);
        var first = await NextAsync();
        Changes.Clear();
        return first;
    }

    public async Task<ResourceEvent> NextAsync()
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (_events!.TryRead(out var change))
            {
                Apply(change);
                return change;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Patience, "No event came.");
            if (_clock is null)
            {
                await _events.WaitToReadAsync().AsTask().WaitAsync(Patience);
            }
            else
            {
                // The loop works on real threads between two ticks of the fake clock.
                _clock.Advance(TimeSpan.FromMilliseconds(50));
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    public async Task UntilAsync(Func<ManifestHarness, bool> holds)
    {
        while (!holds(this))
        {
            await NextAsync();
        }
    }

    /// <summary>Lets so much time pass that time stamps are trusted. On the real clock they stay doubtful, and content is compared.</summary>
    public async Task AgeAsync()
    {
        _clock?.Advance(TimeSpan.FromMinutes(1));
        await SettleAsync();
        Changes.Clear();
    }

    /// <summary>Has the source look at everything again, shown by a marker that comes and goes: what was not reported by then is not reported.</summary>
    public async Task SettleAsync()
    {
        Write("marker.yaml", Manifest.Service("marker"));
        await UntilAsync(harness => harness.Names.Contains("marker"));
        File.Delete(PathOf("marker.yaml"));
        await UntilAsync(harness => !harness.Names.Contains("marker"));
    }

    public IReadOnlyList<string> Deleted => [.. Changes.SelectMany(change => change.Deletes).Select(key => key.Name).Where(name => name != "marker")];

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
            await _events!.Completion.WaitAsync(Patience);
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void Apply(ResourceEvent change)
    {
        Changes.Add(change);
        foreach (var resource in change.Upserts)
        {
            Resources[resource.Key] = resource;
        }

        foreach (var key in change.Deletes)
        {
            Assert.True(Resources.Remove(key), $"{key} was deleted and never there.");
        }

        Problems = change.Problems ?? Problems;
    }
}
