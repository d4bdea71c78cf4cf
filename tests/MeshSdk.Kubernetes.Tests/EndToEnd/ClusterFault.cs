using MeshSdk.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>Something that befalls an API server.</summary>
/// <param name="Begin">Lets it happen; what is returned ends it.</param>
/// <param name="Bound">How long after its end all is to be as the server says.</param>
internal sealed record ClusterFault(Func<CanaryCluster, Task<IAsyncDisposable>> Begin, TimeSpan Bound)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    // Of attempts that failed on a server that answers.
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(31);

    // Two and a half minutes without a bookmark, and some for what comes after.
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(160);

    /// <summary>Nothing tells of it but that bookmarks stay away, which have to have come before.</summary>
    public bool IsNoticedBySilence => Bound == Watchdog;

    public static IReadOnlyDictionary<string, ClusterFault> All { get; } = new Dictionary<string, ClusterFault>
    {
        ["watches are cut"] = Moment(static cluster => cluster.Faults.CutWatches()),
        ["watches are reset"] = Moment(static cluster => cluster.Faults.AbortWatches()),
        ["running watches hang without a sign"] = Lasting(HangRunning, Watchdog),
        ["new watches hang for a while"] = Lasting(
            static cluster =>
            {
                var hang = cluster.Faults.HangWatches();
                cluster.Faults.CutWatches();
                return hang;
            },
            LongestBackoff),
        ["requests hang for a while"] = Cutting(static faults => faults.HangRequests(), LongestBackoff),
        ["410 as a status"] = Cutting(static faults => faults.Answer(410, IsWatchFromVersion, times: 9)),
        ["410 within the watch"] = Cutting(static faults => faults.AnswerWatchesInStream(410, IsWatchFromVersion, times: 9)),
        ["410 in the middle of watches"] = Moment(static cluster => cluster.Faults.SendErrorToWatches(410)),
        ["500 in the middle of watches"] = Moment(static cluster => cluster.Faults.SendErrorToWatches(500)),
        ["429 with Retry-After"] = Cutting(static faults => faults.Answer(429, retryAfter: TimeSpan.FromSeconds(2)), LongestBackoff),
        ["500 for a while"] = Cutting(static faults => faults.Answer(500), LongestBackoff),
        ["503 for a while"] = Cutting(static faults => faults.Answer(503), LongestBackoff),
        ["404 for a moment"] = Cutting(static faults => faults.Answer(404, times: 12)),
        ["answers are late"] = Cutting(static faults => faults.Delay(TimeSpan.FromSeconds(3))),
        ["requests are dropped"] = Cutting(static faults => faults.Drop(), LongestBackoff),
        ["a line that is no event"] = Moment(static cluster => cluster.Faults.SendLine()),
        ["a line that is no JSON"] = Moment(static cluster => cluster.Faults.SendLine("\u0001\u0002 what")),
        ["events that break off"] = Moment(static cluster => cluster.Faults.BreakNextLine()),
        ["the server is away"] = new(static async cluster => await cluster.Faults.StopListeningAsync(), Soon),
        ["the store is restored from a backup"] = Moment(static cluster => cluster.Faults.RestartWithLowerResourceVersions()),
        ["the store is compacted"] = Moment(static cluster =>
        {
            cluster.Faults.CutWatches();
            cluster.Faults.Compact();
        }),
        ["the server is away and its store compacted"] = new(
            static async cluster =>
            {
                var outage = await cluster.Faults.StopListeningAsync();
                cluster.Faults.Compact();
                return outage;
            },
            Soon),
        ["the authority is replaced"] = Moment(static cluster =>
        {
            cluster.Faults.RotateCertificateAuthority();
            cluster.WriteCredentials();
            cluster.Faults.AbortWatches();
        }),
        ["the server comes back with another authority"] = new(
            static async cluster =>
            {
                var outage = await cluster.Faults.StopListeningAsync();
                cluster.Faults.RotateCertificateAuthority();
                return new Ending(async () =>
                {
                    await outage.DisposeAsync();
                    cluster.WriteCredentials();
                });
            },
            LongestBackoff),
        ["tokens expire"] = Moment(static cluster =>
        {
            cluster.Faults.ExpireTokens();
            cluster.WriteCredentials();
            cluster.Faults.CutWatches();
        }),
        ["tokens expire and new ones are late"] = new(
            static cluster =>
            {
                cluster.Faults.ExpireTokens();
                cluster.Faults.CutWatches();
                return Task.FromResult<IAsyncDisposable>(new Ending(() =>
                {
                    cluster.WriteCredentials();
                    return Task.CompletedTask;
                }));
            },
            LongestBackoff),
        ["objects that cannot be read"] = new(BadObjectsAsync, Soon),
    };

    private static bool IsWatchFromVersion(EmbeddedRequest request) =>
        request.Verb == "watch" && request.Query.Contains("&resourceVersion=", StringComparison.Ordinal);

    /// <summary>Over at once; what it did to the watches they are to mend by themselves, by trying again after a second or two.</summary>
    private static ClusterFault Moment(Action<CanaryCluster> happen) => new(
        cluster =>
        {
            happen(cluster);
            return Task.FromResult<IAsyncDisposable>(new Ending(static () => Task.CompletedTask));
        },
        Soon);

    private static ClusterFault Lasting(Func<CanaryCluster, IDisposable> begin, TimeSpan bound) => new(
        cluster =>
        {
            var fault = begin(cluster);
            return Task.FromResult<IAsyncDisposable>(new Ending(() =>
            {
                fault.Dispose();
                return Task.CompletedTask;
            }));
        },
        bound);

    private static ClusterFault Cutting(Func<EmbeddedFaults, IDisposable> begin, TimeSpan? bound = null) => Lasting(
        cluster =>
        {
            var fault = begin(cluster.Faults);
            cluster.Faults.CutWatches();
            return fault;
        },
        bound ?? Soon);

    /// <summary>For ever: only new watches can help.</summary>
    private static IDisposable HangRunning(CanaryCluster cluster)
    {
        var running = cluster.Api.ActiveWatches.ToHashSet<EmbeddedRequest>(ReferenceEqualityComparer.Instance);
        _ = cluster.Faults.HangWatches(running.Contains);
        return new MemoryStream();
    }

    private static Task<IAsyncDisposable> BadObjectsAsync(CanaryCluster cluster)
    {
        Send("httproutes", "MODIFIED", "HTTPRoute", "backend-split", """{"rules":7}""");
        Send("httproutes", "ADDED", "HTTPRoute", "bad", """{"parentRefs":[{"group":"","kind":"Service","name":"backend"}],"rules":[{"backendRefs":"v3"}]}""");
        Send("destinationrules", "MODIFIED", "DestinationRule", "backend-v2-settings", """{"host":"backend-v2","trafficPolicy":{"tls":[]}}""");
        return Task.FromResult<IAsyncDisposable>(new Ending(async () =>
        {
            Send("httproutes", "DELETED", "HTTPRoute", "bad", "{}");
            await cluster.Api.PatchAsync("destinationrules", CanaryCluster.Namespace, "backend-v2-settings", $$$"""{"metadata":{"labels":{"now":"{{{Guid.NewGuid()}}}"} } }""");
        }));

        void Send(string resource, string type, string kind, string name, string spec) => cluster.Faults.SendLine(
            $$$"""{"type":"{{{type}}}","object":{"kind":"{{{kind}}}","spec":{{{spec}}},"metadata":{"name":"{{{name}}}","namespace":"{{{CanaryCluster.Namespace}}}"} } }""",
            request => request.Resource == resource && request.Namespace == CanaryCluster.Namespace);
    }

    private sealed class Ending(Func<Task> end) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await end();
    }
}
