using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Runtime;

/// <summary>What sources do not know, on its way to a call.</summary>
public sealed class MeshUnknownTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Fact]
    public async Task A_call_is_refused_until_every_source_knows()
    {
        var (one, two) = (new ScriptedSource(), new ScriptedSource());
        await using var mesh = new MeshUnderTest(null, one, two);
        one.Send(ScriptedSource.Event(Backend) with { Synced = true, Unknown = [Unknown("HTTPRoute", "grant list on httproutes")] });
        two.Send(new ResourceEvent { Synced = true, Unknown = [Unknown("EndpointSlice", "not read yet")] });
        await mesh.Mesh.WaitUntilReadyAsync().WaitAsync(MeshUnderTest.Patience);

        Assert.Equal(
            "503 default/backend:80: it is not known which HTTPRoutes there are in namespace default: grant list on httproutes (PolicyUnknown)", await GetAsync(mesh));
        Assert.Contains(mesh.Mesh.Diagnostics, static d => d is { Code: "PolicyUnknown", Subject: "Service default/backend" });

        // What the other one does not know remains; an event that says nothing of it changes nothing of it.
        await SendAsync(mesh, one, new ResourceEvent { Unknown = [] });
        await SendAsync(mesh, two, new ResourceEvent());
        Assert.Equal(
            "503 default/backend:80: it is not known which endpoints Service default/backend has: not read yet (EndpointsUnknown)", await GetAsync(mesh));

        await SendAsync(mesh, two, new ResourceEvent { Unknown = [] });
        Assert.Equal("200 OK", await GetAsync(mesh));
        Assert.Empty(mesh.Mesh.Diagnostics);
    }

    [Fact]
    public async Task A_source_that_loads_on_demand_is_asked_and_told_of_what_is_called()
    {
        var source = new OnDemandSource();
        await using var mesh = new Mesh(
            new MeshSdk.Runtime.MeshEnvironment(new MeshOptions { Namespace = "default", TransportFactory = new EchoTransports() }), [source]);
        source.Script.Send(new ResourceEvent { Synced = true });
        using var client = new HttpClient(mesh.CreateHandler(passThrough: new PlainHandler()));

        Assert.Equal("10.0.0.1:8080", await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken));
        Assert.Equal(PlainHandler.Body, await client.GetStringAsync("http://example.com/", TestContext.Current.CancellationToken));
        Assert.Empty(mesh.Diagnostics);
    }

    private static UnknownScope Unknown(string kind, string reason) => new(kind, "default", null, reason);

    private static async Task SendAsync(MeshUnderTest mesh, ScriptedSource source, ResourceEvent next)
    {
        var notice = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.Send(next with { InForce = notice });
        await notice.Task.WaitAsync(MeshUnderTest.Patience);
    }

    private static async Task<string> GetAsync(MeshUnderTest mesh)
    {
        using var response = await mesh.Client.GetAsync("http://backend/");
        return $"{(int)response.StatusCode} {response.ReasonPhrase}";
    }

    /// <summary>Has a route to a service that nobody has called, and loads services when they are called, in force before the call goes on.</summary>
    private sealed class OnDemandSource : IResourceSource, IServiceDiscovery
    {
        public ScriptedSource Script { get; } = new();

        public string Name => "on demand";

        public bool LoadsOnDemand => true;

        public HostDemand Demand(string host)
        {
            if (host != "backend")
            {
                return new HostDemand(HostKnowledge.Foreign);
            }

            var notice = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Script.Send(ScriptedSource.Event(Backend + Manifests.Route("uncalled", ("backend", 1))) with { InForce = notice });
            return new HostDemand(HostKnowledge.Pending) { Known = notice.Task };
        }

        public void Used(IReadOnlyCollection<ServiceId> services)
        {
        }

        public System.Threading.Channels.ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken) => Script.Start(cancellationToken);

        public ValueTask DisposeAsync() => Script.DisposeAsync();
    }
}
