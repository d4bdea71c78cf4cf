using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Runtime;

/// <summary>A mesh over scripted sources and an echoing network, with its clock and its log.</summary>
internal sealed class MeshUnderTest : IAsyncDisposable
{
    // Far more than any step needs, far less than a build's patience.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public MeshUnderTest(MeshOptions? options = null, params ScriptedSource[] sources)
    {
        Sources = sources.Length == 0 ? [new ScriptedSource()] : sources;
        options ??= new MeshOptions();
        options.TransportFactory ??= Transports;
        Mesh = new Mesh(new MeshEnvironment(options) { Time = Time, Loggers = Loggers }, Sources);
        Client = new HttpClient(Mesh.CreateHandler(passThrough: new PlainHandler()));
    }

    public ScriptedSource[] Sources { get; }

    public ScriptedSource Source => Sources[0];

    public EchoTransports Transports { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public FakeLogCollector Log { get; } = FakeLogCollector.Create(new FakeLogCollectorOptions());

    public Mesh Mesh { get; }

    public HttpClient Client { get; }

    private ILoggerFactory Loggers => LoggerFactory.Create(
        builder => builder.SetMinimumLevel(LogLevel.Debug).AddProvider(new FakeLoggerProvider(Log)));

    /// <summary>A mesh that is ready, with these manifests in force.</summary>
    public static async Task<MeshUnderTest> ReadyAsync(string manifests, MeshOptions? options = null)
    {
        var mesh = new MeshUnderTest(options);
        mesh.Source.Sync(manifests);
        await mesh.Mesh.WaitUntilReadyAsync().WaitAsync(Patience);
        return mesh;
    }

    public Task<string> GetAsync(string url = "http://backend/") => Client.GetStringAsync(url).WaitAsync(Patience);

    /// <summary>The messages of one event, by its name.</summary>
    public IReadOnlyList<string> Logged(string eventName) =>
        [.. Log.GetSnapshot().Where(record => record.Id.Name == eventName).Select(static record => record.Message)];

    /// <summary>Waits for a snapshot that was published after <paramref name="revision"/>.</summary>
    public Task<long> PublishedAfterAsync(long revision) => Eventually.HoldsAsync(() => Mesh.Runtime.Snapshot.Revision, now => now > revision);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Mesh.DisposeAsync().AsTask().WaitAsync(Patience);
    }
}
