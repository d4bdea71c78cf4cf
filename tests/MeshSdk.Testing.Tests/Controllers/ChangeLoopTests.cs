using System.Text.Json.Nodes;
using System.Threading.Channels;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Controllers;

public sealed class ChangeLoopTests
{
    [Fact]
    public async Task Work_begins_when_all_that_was_there_has_been_told()
    {
        var api = new SlowApi();
        using var stop = new CancellationTokenSource();
        var seen = new List<string>();
        var rounds = Channel.CreateUnbounded<string>();
        var running = ChangeLoop.RunAsync(
            api,
            () => new([new("", "pods", Note), new("", "services", Note)], () => rounds.Writer.TryWrite(string.Join(' ', seen))),
            stop.Token);

        await api.TellAsync("services", "s1");
        await api.TellAsync("pods", "p1");
        await api.TellAsync("pods", "p2");

        Assert.Equal("s1 p1 p2", await rounds.Reader.ReadAsync(TestContext.Current.CancellationToken));
        await api.TellAsync("services", "s2");
        Assert.Equal("s1 p1 p2 s2", await rounds.Reader.ReadAsync(TestContext.Current.CancellationToken));
        await stop.CancelAsync();
        await running;

        void Note(ApiChange change)
        {
            seen.Add(change.Content.Name());
            api.Taken.Release();
        }
    }

    /// <summary>Has two pods and a Service, but tells of them only when the test says so.</summary>
    private sealed class SlowApi : IClusterApi
    {
        private readonly Dictionary<string, Channel<ApiChange>> _changes = new()
        {
            ["pods"] = Channel.CreateUnbounded<ApiChange>(),
            ["services"] = Channel.CreateUnbounded<ApiChange>(),
        };

        public SemaphoreSlim Taken { get; } = new(0);

        public async Task TellAsync(string plural, string name)
        {
            Assert.True(_changes[plural].Writer.TryWrite(new("ADDED", Manifest.Of("Any", "shop", name))));
            await Taken.WaitAsync(TestContext.Current.CancellationToken);
        }

        public IReadOnlyList<JsonObject> List(string group, string plural, string? ns = null) =>
            [.. (plural == "pods" ? new[] { "p1", "p2" } : ["s1"]).Select(name => Manifest.Of("Any", "shop", name))];

        public ChannelReader<ApiChange> Watch(string group, string plural, CancellationToken cancellationToken) => _changes[plural].Reader;

        public JsonObject? Get(string group, string plural, string? ns, string name) => throw new NotSupportedException();

        public JsonObject Put(string group, string plural, JsonObject content) => throw new NotSupportedException();

        public JsonObject? Update(string group, string plural, string? ns, string name, string uid, Action<JsonObject> change) => throw new NotSupportedException();

        public bool Delete(string group, string plural, string? ns, string name) => throw new NotSupportedException();
    }
}
