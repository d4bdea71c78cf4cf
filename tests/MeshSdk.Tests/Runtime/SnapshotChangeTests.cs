using System.Collections.Concurrent;
using System.Net;

namespace MeshSdk.Tests.Runtime;

/// <summary>Changes that come while requests are on their way.</summary>
public sealed class SnapshotChangeTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));
    private static readonly string One = Manifests.Service("one", Manifests.Pod(1));
    private static readonly string Two = Manifests.Service("two", Manifests.Pod(2));
    private static readonly string ToOne = Manifests.Route("backend", ("one", 1));
    private static readonly string ToTwo = Manifests.Route("backend", ("two", 1));

    [Fact]
    public async Task A_route_that_moves_to_another_backend_while_the_first_is_removed_loses_no_request()
    {
        await HammerAsync(
            ["10.0.0.1:8080", "10.0.0.2:8080"],
            Backend + One + ToOne,
            memory => memory.Replace(Backend + Two + ToTwo),
            memory => memory.Replace(Backend + One + ToOne));
    }

    [Fact]
    public async Task A_route_that_moves_to_another_backend_while_the_first_loses_its_endpoints_loses_no_request()
    {
        var (oneIsEmpty, twoIsEmpty) = (Manifests.Service("one"), Manifests.Service("two"));
        await HammerAsync(
            ["10.0.0.1:8080", "10.0.0.2:8080"],
            Backend + One + twoIsEmpty + ToOne,
            memory => memory.Replace(Backend + oneIsEmpty + Two + ToTwo),
            memory => memory.Replace(Backend + One + twoIsEmpty + ToOne));
    }

    [Fact]
    public async Task Endpoints_that_are_replaced_lose_no_request()
    {
        await HammerAsync(
            ["10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"],
            Backend,
            memory => memory.Replace(Manifests.Service("backend", Manifests.Pod(2), Manifests.Pod(3))),
            memory => memory.Replace(Backend));
    }

    [Fact]
    public async Task A_service_that_goes_and_comes_back_is_in_the_mesh_or_out_of_it()
    {
        await HammerAsync(
            ["10.0.0.1:8080", PlainHandler.Body], Backend + One, memory => memory.Replace(One), memory => memory.Replace(Backend + One));
    }

    [Fact]
    public async Task A_port_that_goes_and_comes_back_is_in_the_mesh_or_out_of_it()
    {
        await HammerAsync(
            ["10.0.0.1:8080", PlainHandler.Body],
            Backend,
            memory => memory.Replace(Manifests.Service("backend", "http", 81, Manifests.Pod(1))),
            memory => memory.Replace(Backend));
    }

    [Fact]
    public async Task A_route_follows_a_backend_that_went_and_came_back()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend + One + ToOne);
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());

        mesh.Source.Delete("Service", "one");
        await mesh.PublishedAfterAsync(1);
        using (var response = await mesh.Client.GetAsync("http://backend/", TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        }

        mesh.Source.Send(One);
        await mesh.PublishedAfterAsync(2);
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
    }

    [Fact]
    public async Task An_endpoint_that_stays_keeps_its_connections()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend);
        await mesh.GetAsync();
        mesh.Source.Send(Manifests.Service("backend", Manifests.Pod(1), Manifests.Pod(2)) + Manifests.Route("backend", ("backend", 5)));
        await mesh.PublishedAfterAsync(1);
        for (var i = 0; i < 20; i++)
        {
            await mesh.GetAsync();
        }

        Assert.Equal(2, mesh.Transports.Created.Count);
        Assert.Empty(mesh.Transports.Disposed);
    }

    /// <summary>
    /// Calls from several threads while the changes alternate, for a second and until there was every answer; each of them must be answered with 200,
    /// and no other answer must come.
    /// </summary>
    private static async Task HammerAsync(string[] expected, string manifests, params Action<InMemorySource>[] changes)
    {
        var memory = new InMemorySource();
        memory.Apply(manifests);
        await using var mesh = await Mesh.StartAsync(
            new MeshOptions { InMemory = memory, TransportFactory = new EchoTransports() }, cancellationToken: TestContext.Current.CancellationToken);
        using var client = new HttpClient(mesh.CreateHandler(passThrough: new PlainHandler()));
        using var second = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        using var stop = new CancellationTokenSource(MeshUnderTest.Patience);
        var answers = new ConcurrentDictionary<string, bool>();
        var callers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                answers.TryAdd(await client.GetStringAsync("http://backend/"), true);
                await Task.Yield();
            }
        })).ToArray();
        for (var i = 0; !stop.IsCancellationRequested && !(second.IsCancellationRequested && answers.Count >= expected.Length); i++)
        {
            var revision = mesh.Runtime.Snapshot.Revision;
            changes[i % changes.Length](memory);
            while (mesh.Runtime.Snapshot.Revision == revision && !stop.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(MeshUnderTest.Patience);
        Assert.Equal(expected, answers.Keys.Order());
    }
}
