using MeshSdk.Sources;

namespace MeshSdk.Tests.Sources;

public sealed class InMemorySourceTests
{
    [Fact]
    public async Task What_was_applied_before_the_start_comes_with_the_first_event()
    {
        var source = new InMemorySource();
        source.Apply(Manifest.Service("a"));
        source.Apply(Manifest.Service("b"));
        source.Delete("Service", "default", "a");

        var first = await Start(source).ReadAsync();

        Assert.True(first.Synced);
        Assert.Equal(["b"], first.Upserts.Select(resource => resource.Metadata.Name));
        Assert.Empty(first.Deletes);
    }

    [Fact]
    public async Task Every_call_is_one_change_with_no_more_in_it_than_changed()
    {
        var source = new InMemorySource();
        var events = Start(source);
        await events.ReadAsync();

        source.Apply(Manifest.Documents(Manifest.Service("a"), Manifest.Service("b")));
        source.Apply(Manifest.Documents(Manifest.Service("a"), Manifest.Service("b", 81)));
        source.Apply(Manifest.Service("a"));
        Assert.True(source.Delete("Service", "default", "a"));
        Assert.False(source.Delete("Service", "default", "a"));
        source.Replace(Manifest.Documents(Manifest.Service("c"), Manifest.Service("b", 81)));
        source.Replace("");

        Assert.Equal(["+a+b", "+b", "-a", "+c", "-b-c"], Drain(events).Select(Describe));
    }

    [Fact]
    public async Task A_text_with_errors_changes_nothing_and_tells_all_of_them()
    {
        var source = new InMemorySource();
        source.Apply(Manifest.Service("a"));
        var events = Start(source);
        await events.ReadAsync();

        var fault = Assert.Throws<ManifestException>(() => source.Replace(Manifest.Documents(
            Manifest.Service("b"), Manifest.Route("r", "x"), "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}\n", Manifest.Route("s", "y"))));

        Assert.Equal(3, fault.Problems.Count);
        Assert.Equal(2, fault.Message.Split(Environment.NewLine).Length);
        Assert.StartsWith("HTTPRoute default/r spec.rules[0].backendRefs[0].weight: a whole number", fault.Message, StringComparison.Ordinal);
        Assert.False(events.TryRead(out _));
    }

    [Fact]
    public async Task Unknown_kinds_are_notes_for_as_long_as_they_are_content()
    {
        var source = new InMemorySource();
        var events = Start(source);
        await events.ReadAsync();

        source.Apply("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}");
        source.Apply("{apiVersion: apps/v1, kind: Deployment, metadata: {name: e}}");
        source.Replace("");

        Assert.Equal([1, 0], Drain(events).Select(change => change.Problems!.Value.Length));
    }

    [Fact]
    public async Task Disposing_and_cancelling_complete_the_channel()
    {
        var disposed = new InMemorySource();
        var events = Start(disposed);
        await ((IAsyncDisposable)disposed).DisposeAsync();
        disposed.Apply(Manifest.Service("late"));
        Assert.Single(Drain(events));
        await events.Completion;

        using var stop = new CancellationTokenSource();
        events = ((IResourceSource)new InMemorySource()).Start(stop.Token);
        Drain(events);
        await stop.CancelAsync();
        await events.Completion.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void One_source_serves_one_mesh()
    {
        var source = new InMemorySource();
        Start(source);

        Assert.Throws<InvalidOperationException>(() => Start(source));
    }

    [Fact]
    public async Task Threads_that_apply_at_once_lose_nothing()
    {
        var source = new InMemorySource();
        var events = Start(source);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                source.Apply(Manifest.Service($"s{thread}-{i}"));
            }
        })));

        var names = Drain(events).SelectMany(change => change.Upserts).Select(resource => resource.Metadata.Name).ToHashSet();
        Assert.Equal(400, names.Count);
    }

    private static System.Threading.Channels.ChannelReader<ResourceEvent> Start(InMemorySource source) =>
        ((IResourceSource)source).Start(CancellationToken.None);

    private static List<ResourceEvent> Drain(System.Threading.Channels.ChannelReader<ResourceEvent> events)
    {
        var drained = new List<ResourceEvent>();
        while (events.TryRead(out var change))
        {
            drained.Add(change);
        }

        return drained;
    }

    private static string Describe(ResourceEvent change) =>
        string.Concat(change.Upserts.Select(resource => "+" + resource.Metadata.Name).Order(StringComparer.Ordinal)
            .Concat(change.Deletes.Select(key => "-" + key.Name).Order(StringComparer.Ordinal)));
}
