using System.Net;
using MeshSdk.Clusters;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>A mesh whose whole configuration is manifests: real sockets, and a clock that only the test moves.</summary>
internal sealed class PolicyMesh : IAsyncDisposable
{
    private readonly InMemorySource _source = new();

    private PolicyMesh(MeshOptions options)
    {
        options.InMemory = _source;
        Mesh = new Mesh(new MeshEnvironment(options) { Time = Time, Random = new Random(1) }, []);
        Client = CreateClient();
    }

    public FakeTimeProvider Time { get; } = new();

    public Mesh Mesh { get; }

    public HttpClient Client { get; }

    /// <summary>Where calls to <c>http://backend/</c> lead to.</summary>
    public ClusterState Cluster => Mesh.Runtime.Engine.FindFrontend(new Uri("http://backend"))!.Routes!.Rules[0].Backends[0].Cluster!;

    public int Ejected => Mesh.Runtime.Ejections.Count;

    public static async Task<PolicyMesh> StartAsync(string manifests, MeshOptions? options = null)
    {
        var mesh = new PolicyMesh(options ?? new MeshOptions());
        mesh._source.Apply(manifests);
        await mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        Assert.Empty(mesh.Mesh.Diagnostics); // everything that these tests write is acted on
        return mesh;
    }

    /// <summary>A client with cookies of its own, whose patience is not measured: the clock of the machine is not the mesh's.</summary>
    public HttpClient CreateClient() => new(Mesh.CreateHandler(new MeshClientOptions { RecordCalls = true })) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Adds or replaces objects; the next call follows them.</summary>
    public async Task ApplyAsync(string manifests)
    {
        var before = Mesh.Revision;
        _source.Apply(manifests);
        await Eventually.HoldsAsync(() => Mesh.Revision, now => now > before, "a new revision");
    }

    /// <summary>Removes an object; the next call is free of it.</summary>
    public async Task DeleteAsync(string kind, string name)
    {
        var before = Mesh.Revision;
        Assert.True(_source.Delete(kind, "default", name));
        await Eventually.HoldsAsync(() => Mesh.Revision, now => now > before, "a new revision");
    }

    /// <summary>Calls one after the other.</summary>
    /// <returns>How many of them were answered with an error.</returns>
    public async Task<int> FailuresAsync(int calls)
    {
        var failures = 0;
        for (var i = 0; i < calls; i++)
        {
            using var response = await GetAsync();
            failures += response.IsSuccessStatusCode ? 0 : 1;
        }

        return failures;
    }

    public Task<HttpResponseMessage> GetAsync(string path = "/") => Client.GetAsync($"http://backend{path}");

    public bool IsEjected(IPEndPoint endpoint) => Mesh.Runtime.Ejections.Current.Any(e => e.Endpoint.Name == endpoint.ToString());

    /// <summary>Lets time go by in small steps, which pauses before retries wait for, until something has happened.</summary>
    public Task PassUntilAsync(Func<bool> happened) => Eventually.HoldsAsync(() =>
    {
        if (!happened())
        {
            Time.Advance(TimeSpan.FromMilliseconds(5));
        }

        return happened();
    });

    /// <summary>Nothing is under way, and nothing is counted as if it were.</summary>
    public Task IdleAsync() => Eventually.HoldsAsync(
        () => (Cluster.Use with { Connections = 0 }, Active: Cluster.Usable.Sum(static e => e.ActiveRequests)),
        static counts => counts == (default, 0),
        "all counts back at 0");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Mesh.DisposeAsync();
    }
}
