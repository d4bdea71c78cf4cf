using System.Threading.Channels;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Resources;
using MeshSdk.Resources.Json;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Kubernetes.Tests.Fixtures;

/// <summary>A set that is followed on a scripted server, with all that was told of it.</summary>
internal sealed class Followed : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<WatchUpdate> _updates = Channel.CreateUnbounded<WatchUpdate>();
    private readonly CancellationTokenSource _stop = new();
    private readonly TemporaryDirectory _directory = new();
    private ReflectorFactory _factory = null!;
    private Task _run = Task.CompletedTask;

    public ObservedTime Time { get; } = new();

    public FakeLogCollector Log { get; } = new();

    public IReflector Reflector { get; private set; } = null!;

    public ReflectorFactory Factory => _factory;

    /// <summary>The names and versions of the objects that are in force.</summary>
    public SortedDictionary<string, string> Objects { get; } = new(StringComparer.Ordinal);

    public WatchCondition? Condition { get; private set; }

    public IReadOnlyList<MeshDiagnostic> Problems { get; private set; } = [];

    /// <summary>All updates so far.</summary>
    public List<WatchUpdate> Updates { get; } = [];

    public static WatchTarget Routes { get; } = Target("gateway.networking.k8s.io", "HTTPRoute", "httproutes", "v1");

    public static WatchTarget Target(string group, string kind, string plural, params string[] versions)
    {
        Assert.True(ResourceKinds.TryGet(group, kind, out var found));
        return new(found, plural, versions) { Namespace = "ns" };
    }

    public static async Task<Followed> StartAsync(ScriptedApiServer server, WatchTarget? target = null, string? kubeconfig = null)
    {
        var followed = new Followed();
        var file = followed._directory.Write("config", kubeconfig ?? KubernetesScripts.Kubeconfig(server.Address));
        var search = new ConnectionSearch(new MeshKubernetesOptions { Kubeconfig = file }, followed.Time);
        var loggers = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(followed.Log)).SetMinimumLevel(LogLevel.Trace));
        followed._factory = await ReflectorFactory.CreateAsync(
            search, loggers, followed.Time, new Random(1), meters: null, TestContext.Current.CancellationToken);
        followed.Reflector = followed._factory.Create(target ?? Routes);
        followed._run = followed.Reflector.RunAsync(update => followed._updates.Writer.TryWrite(update), followed._stop.Token);
        return followed;
    }

    /// <summary>Starts on a server that knows no initial events, so that lists are read: the way that has the more faults.</summary>
    public static async Task<Followed> StartWithListsAsync(ScriptedApiServer server, WatchTarget? target = null)
    {
        var followed = await StartAsync(server, target);
        var first = await server.NextAsync();
        await first.AnswerAsync(400, KubernetesScripts.Status(400, "BadRequest"));
        return followed;
    }

    /// <summary>The same, up to the open watch of a set that holds some objects at version 10.</summary>
    public static async Task<(Followed Followed, ScriptedCall Watch)> StartLiveAsync(ScriptedApiServer server, params string[] items)
    {
        var followed = await StartWithListsAsync(server);
        var list = await server.NextAsync();
        await list.AnswerAsync(200, KubernetesScripts.List(10, items));
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await followed.NextAsync();
        Assert.Equal(WatchState.Live, followed.Condition!.State);
        return (followed, watch);
    }

    /// <summary>Takes in the next update.</summary>
    public async Task<WatchUpdate> NextAsync()
    {
        var update = await _updates.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        Updates.Add(update);
        foreach (var resource in update.Upserts)
        {
            Objects[resource.Metadata.Name] = resource.Metadata.ResourceVersion ?? "";
        }

        foreach (var key in update.Deletes)
        {
            Objects.Remove(key.Name);
        }

        Condition = update.Condition ?? Condition;
        Problems = update.Problems ?? Problems;
        return update;
    }

    public bool HasUpdate => _updates.Reader.TryPeek(out _);

    /// <summary>As <c>a=1 b=2</c>.</summary>
    public string Told => string.Join(" ", Objects.Select(entry => $"{entry.Key}={entry.Value}"));

    public Resource Latest(string name) => Updates.SelectMany(update => update.Upserts).Last(resource => resource.Metadata.Name == name);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _factory.DisposeAsync();
        _stop.Dispose();
        _directory.Dispose();
    }
}
