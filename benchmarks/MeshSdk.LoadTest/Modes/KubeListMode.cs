using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Kubernetes.Wire;
using MeshSdk.LoadTest.Cluster;
using MeshSdk.LoadTest.Measuring;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.LoadTest.Modes;

/// <summary>A hundred thousand endpoints: how long until they are read, and what of them stays in memory.</summary>
internal static class KubeListMode
{
    private const int Slices = 10_000;
    private const double SecondsGoal = 1;
    private const double MegabytesGoal = 40;

    public static async Task RunAsync(Report report)
    {
        using var cluster = await ClusterProcess.StartAsync();
        await cluster.AddSlicesAsync(Slices);
        var options = new MeshKubernetesOptions { Kubeconfig = cluster.Kubeconfig, Scope = MeshKubernetesScope.Cluster };
        await using var connection = await ApiConnection.OpenAsync(
            new ConnectionSearch(options, TimeProvider.System), TimeProvider.System, Random.Shared, NullLogger.Instance, CancellationToken.None);
        var path = new CollectionPath(WatchedKinds.EndpointSlices.Target, "v1");
        var body = await BodyAsync(connection, path);

        List<string[]> rows =
        [
            await RowAsync("parsed from memory", () => ParseAsync(body), SecondsGoal, null),
            await RowAsync($"list, {CollectionPath.PageSize} a page", () => ListAsync(connection, path), null, null),
            await RowAsync("the source, until all is told", () => SourceAlone.StartAsync(options), null, MegabytesGoal),
            await RowAsync("a mesh, until its first snapshot", () => MeshAsync(options), null, null),
        ];
        report.Table(
            $"{Slices} slices, {Slices * SliceManifests.EndpointsPerSlice} endpoints, {Report.Number(body.Length / 1e6, "0.0")} MB of JSON "
            + $"({Report.Number(body.Length / 1e3 / Slices, "0.0")} kB each)",
            ["read", "first, s", "CPU, s", "again, s", "CPU, s", "goal", "", "allocated, MB", "retained, MB", "goal", ""],
            rows);
    }

    private static async Task<string[]> RowAsync<T>(string what, Func<Task<T>> read, double? seconds, double? megabytes)
        where T : class
    {
        var first = await Footprint.OfAsync(read);
        var again = await Footprint.OfAsync(read);
        var retained = again.Retained / 1e6;
        return
        [
            what, Report.Number(first.Wall.TotalSeconds, "0.00"), Report.Number(first.Processor.TotalSeconds, "0.00"),
            Report.Number(again.Wall.TotalSeconds, "0.00"), Report.Number(again.Processor.TotalSeconds, "0.00"),
            seconds is null ? "" : $"<= {seconds}", seconds is { } s ? Report.Goal(Math.Max(first.Wall.TotalSeconds, again.Wall.TotalSeconds) <= s) : "",
            Report.Number(again.Allocated / 1e6), Report.Number(retained, "0.0"),
            megabytes is null ? "" : $"<= {megabytes}", megabytes is { } m ? Report.Goal(retained <= m) : "",
        ];
    }

    private static async Task<byte[]> BodyAsync(ApiConnection connection, CollectionPath path)
    {
        using var response = await connection.GetAsync(path.List(resourceVersion: null, next: null, isPaged: false), acceptsGzip: false, CancellationToken.None);
        return await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    private static async Task<ToldSet> ParseAsync(byte[] body)
    {
        var set = new ToldSet();
        var list = new ListReplacement(set, new ObjectDecoder(WatchedKinds.EndpointSlices.Target));
        using var window = new ByteWindow(new MemoryStream(body));
        await ListBody.ReadAsync(window, list.Add, static () => CancellationToken.None);
        set.Replace(list);
        return set;
    }

    // How long it takes is what is measured, on whatever machine.
    private static Task<Mesh> MeshAsync(MeshKubernetesOptions options) =>
        KubernetesMesh.StartAsync(new MeshOptions { Namespace = "default", Startup = { Timeout = TimeSpan.FromMinutes(1) } }, options);

    private static async Task<ToldSet> ListAsync(ApiConnection connection, CollectionPath path)
    {
        var set = new ToldSet();
        var list = new PagedList(connection, TimeProvider.System, static () => { });
        var (found, _) = await list.ReadAsync(
            path, "0", () => new ListReplacement(set, new ObjectDecoder(WatchedKinds.EndpointSlices.Target)), CancellationToken.None);
        set.Replace(found);
        return set;
    }
}
