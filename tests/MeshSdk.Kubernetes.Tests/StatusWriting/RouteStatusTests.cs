using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.StatusWriting;
using MeshSdk.Kubernetes.Tests.EndToEnd;
using MeshSdk.Model;
using MeshSdk.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.StatusWriting;

/// <summary>The writer in applications on an API server that holds everybody to their permissions; the clock is the test's.</summary>
public sealed class RouteStatusTests : IAsyncLifetime
{
    private const string Controller = "mesh.example.com/route-status";
    private const string Ns = "istio-test";

    // Long, because the clock of the test runs much faster than that of the machine, which does the renewing.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly ConcurrentQueue<EmbeddedRequest> _requests = new();
    private readonly List<Writer> _writers = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-status-").FullName;
    private EmbeddedKubernetes _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await EmbeddedKubernetes.StartAsync(options =>
        {
            options.EnforceAccess = true;
            options.OnRequest = _requests.Enqueue;
        });
        await _api.ApplyAsync("{ apiVersion: v1, kind: Namespace, metadata: { name: istio-system } }");
        foreach (var name in new[] { "namespace.yaml", "rbac-cluster.yaml", "rbac-status.yaml" })
        {
            await _api.ApplyAsync(CanaryCluster.Sample(name));
        }

        await _api.ApplyAsync($$"""
            apiVersion: v1
            kind: Service
            metadata: { name: web, namespace: {{Ns}} }
            spec: { ports: [{ name: http, port: 80 }], selector: { app: web } }
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: web, namespace: {{Ns}} }
            spec:
              parentRefs: [{ group: "", kind: Service, name: web }]
              rules: [{ backendRefs: [{ name: web, port: 80 }] }]
            """);
        _api.WriteKubeconfig(Path.Combine(_directory, "kubeconfig"), Ns, _api.CreateToken(Ns, "mesh-route-status"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _writers)
        {
            await writer.DisposeAsync();
        }

        await _api.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Status_is_written_and_its_generation_follows_every_edit()
    {
        await StartAsync("one");
        await UntilAsync(async () => Conditions(await RouteAsync()) == "Accepted=True ResolvedRefs=True");
        var first = await RouteAsync();
        Assert.All(OwnOf(first)!["conditions"]!.AsArray(), static condition => Assert.Equal(1, (int?)condition!["observedGeneration"]));
        Assert.Equal("web", (string?)OwnOf(first)!["parentRef"]!["name"]);

        await _api.PatchAsync("HTTPRoute", Ns, "web", """{"spec":{"rules":[{"backendRefs":[{"name":"web","port":80,"weight":7}]}]}}""");
        await UntilAsync(async () => (int?)OwnOf(await RouteAsync())!["conditions"]![0]!["observedGeneration"] == 2);
        var second = await RouteAsync();
        Assert.Equal(
            (string?)OwnOf(first)!["conditions"]![0]!["lastTransitionTime"], (string?)OwnOf(second)!["conditions"]![0]!["lastTransitionTime"]);
        Assert.Equal(7, (int?)second["spec"]!["rules"]![0]!["backendRefs"]![0]!["weight"]);

        await _api.PatchAsync("HTTPRoute", Ns, "web", """{"spec":{"rules":[{"backendRefs":[{"name":"gone","port":80}]}]}}""");
        await UntilAsync(async () => Conditions(await RouteAsync()) == "Accepted=True ResolvedRefs=False");
        Assert.Equal("BackendNotFound", (string?)OwnOf(await RouteAsync())!["conditions"]![1]!["reason"]);
    }

    [Fact]
    public async Task Nothing_is_written_where_nothing_changes()
    {
        await StartAsync("one");
        await UntilAsync(async () => Conditions(await RouteAsync()) == "Accepted=True ResolvedRefs=True");
        var version = (string?)(await RouteAsync())["metadata"]!["resourceVersion"];

        // Past a whole round over all routes, which lists them again.
        var lists = Lists();
        await UntilAsync(() => Task.FromResult(Lists() > lists), TimeSpan.FromMinutes(15));
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(version, (string?)(await RouteAsync())["metadata"]!["resourceVersion"]);

        int Lists() => _requests.Count(static request => request is { Verb: "list", Resource: "grpcroutes" });
    }

    [Fact]
    public async Task Entries_of_other_controllers_stay_and_own_ones_go_with_the_reference()
    {
        await WriteStatusAsync(status => status["parents"] = JsonNode.Parse("""
            [ { "controllerName": "istio.io/gateway-controller", "parentRef": { "group": "", "kind": "Service", "name": "web" },
                "conditions": [ { "type": "Accepted", "status": "True", "reason": "Accepted", "message": "", "lastTransitionTime": "2026-01-31T12:00:00Z" } ] } ]
            """));
        var foreign = (await RouteAsync())["status"]!["parents"]![0]!.ToJsonString();
        await StartAsync("one");
        await UntilAsync(async () => OwnOf(await RouteAsync()) is not null);
        Assert.Equal(foreign, (await RouteAsync())["status"]!["parents"]![0]!.ToJsonString());

        await _api.PatchAsync("HTTPRoute", Ns, "web", """{"spec":{"parentRefs":[{"name":"gateway"}]}}""");
        await UntilAsync(async () => OwnOf(await RouteAsync()) is null);
        Assert.Equal([foreign], (await RouteAsync())["status"]!["parents"]!.AsArray().Select(static entry => entry!.ToJsonString()));
    }

    [Fact]
    public async Task What_an_earlier_writer_left_behind_is_taken_away()
    {
        await _api.PatchAsync("HTTPRoute", Ns, "web", """{"spec":{"parentRefs":[{"name":"gateway"}]}}""");
        await WriteStatusAsync(status => status["parents"] = JsonNode.Parse($$"""
            [ { "controllerName": "{{Controller}}", "parentRef": { "group": "", "kind": "Service", "name": "web" },
                "conditions": [ { "type": "Accepted", "status": "True", "reason": "Accepted", "message": "", "lastTransitionTime": "2026-01-31T12:00:00Z" } ] } ]
            """));
        Assert.NotNull(OwnOf(await RouteAsync()));
        await StartAsync("one");
        await UntilAsync(async () => OwnOf(await RouteAsync()) is null);
    }

    /// <summary>Right after the start, and where routes may not be read, the mesh knows of none: that is no reason to undo what is written.</summary>
    [Fact]
    public async Task What_the_mesh_has_not_heard_of_is_left_alone()
    {
        await WriteStatusAsync(status => status["parents"] = JsonNode.Parse($$"""
            [ { "controllerName": "{{Controller}}", "parentRef": { "group": "", "kind": "Service", "name": "web" },
                "conditions": [ { "type": "Accepted", "status": "True", "reason": "Accepted", "message": "", "lastTransitionTime": "2026-01-31T12:00:00Z" } ] } ]
            """));
        _requests.Clear();
        await using var connection = await ApiConnection.OpenAsync(
            new ConnectionSearch(new MeshKubernetesOptions { Kubeconfig = Path.Combine(_directory, "kubeconfig") }, _time), _time, new Random(1), new FakeLogger(), default);
        var writer = new RouteStatusWriter(
            new ApiObjects(connection, _time), static () => MeshSnapshot.Empty, new MeshRouteStatusOptions { ControllerName = Controller }, _time, new Random(1), new FakeLogger());
        using var stop = new CancellationTokenSource();
        var run = writer.RunAsync(stop.Token);

        // The survey has been through all kinds when it is begun again.
        await UntilAsync(() => Task.FromResult(_requests.Count(static request => request is { Verb: "list", Resource: "grpcroutes" }) > 2), TimeSpan.FromMinutes(30));
        Assert.NotNull(OwnOf(await RouteAsync()));
        Assert.DoesNotContain(_requests, static request => request is { Verb: "update", Group: "gateway.networking.k8s.io" });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_server_that_has_routes_in_an_older_version_alone_is_written_to_in_that()
    {
        using var none = _api.Faults.Answer(404, static request => request.Path.Contains("/v1/", StringComparison.Ordinal) && request.Path.Contains("httproutes", StringComparison.Ordinal));
        await StartAsync("one");
        await UntilAsync(async () => Conditions(await RouteAsync()) == "Accepted=True ResolvedRefs=True");
        Assert.Contains(_requests, static request => request.Verb == "update" && request.Path.EndsWith("v1beta1/namespaces/istio-test/httproutes/web/status", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_of_two_is_elected_and_the_other_takes_over_when_it_ends()
    {
        var (one, two) = (await StartAsync("one"), await StartAsync("two"));
        await UntilAsync(async () => Conditions(await RouteAsync()) == "Accepted=True ResolvedRefs=True");
        var holder = await HolderAsync();
        Assert.Contains(holder, (string[])["one", "two"]);
        await _time.PassAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(holder, await HolderAsync());
        Assert.Equal(1, one.TimesElected + two.TimesElected);

        await (holder == "one" ? one : two).DisposeAsync();
        var other = holder == "one" ? "two" : "one";
        await UntilAsync(async () => await HolderAsync() == other);
        await _api.PatchAsync("HTTPRoute", Ns, "web", """{"spec":{"rules":[{"backendRefs":[{"name":"gone","port":80}]}]}}""");
        await UntilAsync(async () => Conditions(await RouteAsync()) == "Accepted=True ResolvedRefs=False");
    }

    [Fact]
    public async Task Who_cannot_renew_stops_and_the_other_takes_over_when_the_lease_has_run_out()
    {
        var one = await StartAsync("one");
        await UntilAsync(() => Task.FromResult(one.TimesElected == 1));
        var two = await StartAsync("two");
        await UntilAsync(async () => Conditions(await RouteAsync()) == "Accepted=True ResolvedRefs=True");

        // Whoever asks now, it is refused: neither can renew or take over, and the one that leads gives up.
        using (_api.Faults.Answer(500, static request => request.Resource == "leases"))
        {
            await UntilAsync(() => Task.FromResult(one.TimesLost == 1), 2 * Lease);
            Assert.Equal("one", await HolderAsync());
            Assert.Equal(0, two.TimesElected);
        }

        await UntilAsync(() => Task.FromResult(one.TimesElected + two.TimesElected >= 2), 3 * Lease);
    }

    [Fact]
    public async Task A_conflict_is_read_and_tried_again()
    {
        using (_api.Faults.Answer(409, static request => request is { Verb: "update", Resource: "httproutes" or "httproutes/status" }, times: 2))
        {
            await StartAsync("one");
            await UntilAsync(async () => Conditions(await RouteAsync()) == "Accepted=True ResolvedRefs=True");
        }

        Assert.Equal(3, _requests.Count(static request => request is { Verb: "update", Name: "web" }));
    }

    [Theory]
    [InlineData("", null, MeshKubernetesScope.Cluster, "ControllerName")]
    [InlineData("no-path", null, MeshKubernetesScope.Cluster, "ControllerName")]
    [InlineData("Mesh.example.com/x", null, MeshKubernetesScope.Cluster, "ControllerName")]
    [InlineData(Controller, "Not A Name", MeshKubernetesScope.Cluster, "LeaseName")]
    [InlineData(Controller, null, MeshKubernetesScope.Namespaces, "Scope is Namespaces and has to be Cluster")]
    public void Wrong_options_are_named_at_the_start(string controller, string? lease, MeshKubernetesScope scope, string expected)
    {
        using var services = new ServiceCollection()
            .AddMesh(mesh => mesh.UseKubernetes(options => options.Scope = scope).WriteRouteStatus(controller, options => options.LeaseName = lease ?? options.LeaseName))
            .BuildServiceProvider();
        var fault = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<MeshRouteStatusOptions>>().Value);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_right()
    {
        using var services = new ServiceCollection()
            .AddMesh(static mesh => mesh.UseKubernetes(static options => options.Scope = MeshKubernetesScope.Cluster).WriteRouteStatus(Controller))
            .BuildServiceProvider();
        Assert.Equal(Controller, services.GetRequiredService<IOptions<MeshRouteStatusOptions>>().Value.ControllerName);
        Assert.Single(services.GetServices<IHostedService>().OfType<RouteStatusService>());
    }

    private async Task<Writer> StartAsync(string identity)
    {
        var writer = new Writer(identity, Path.Combine(_directory, "kubeconfig"), _time);
        _writers.Add(writer);
        await writer.StartAsync();
        return writer;
    }

    private Task UntilAsync(Func<Task<bool>> holds, TimeSpan? within = null) =>
        Wait.UntilAsync(holds, _time, within, () => string.Join(Environment.NewLine, _writers.SelectMany(static writer => writer.Log)));

    private async Task<JsonObject> RouteAsync() => JsonNode.Parse((await _api.GetAsync("HTTPRoute", Ns, "web"))!)!.AsObject();

    private async Task<string?> HolderAsync() =>
        await _api.GetAsync("Lease", Ns, "mesh-route-status") is { } lease ? (string?)JsonNode.Parse(lease)!["spec"]!["holderIdentity"] : null;

    private async Task WriteStatusAsync(Action<JsonObject> change)
    {
        var route = await RouteAsync();
        var status = route["status"] as JsonObject ?? [];
        change(status);
        route["status"] = status.DeepClone();
        using var client = _api.CreateClient();
        using var body = new StringContent(route.ToJsonString(), null, "application/json");
        using var response = await client.PutAsync(
            new Uri($"apis/gateway.networking.k8s.io/v1/namespaces/{Ns}/httproutes/web/status", UriKind.Relative), body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private static JsonObject? OwnOf(JsonObject route) => (route["status"]?["parents"] as JsonArray)?
        .OfType<JsonObject>().FirstOrDefault(static entry => (string?)entry["controllerName"] == Controller);

    private static string? Conditions(JsonObject route) => OwnOf(route) is { } own
        ? string.Join(' ', own["conditions"]!.AsArray().Select(static condition => $"{condition!["type"]}={condition["status"]}"))
        : null;

    /// <summary>An application that writes status.</summary>
    private sealed class Writer : IAsyncDisposable
    {
        private readonly FakeLogCollector _log = new();
        private readonly ServiceProvider _services;
        private bool _ended;

        public Writer(string identity, string kubeconfig, TimeProvider time) => _services = new ServiceCollection()
            .AddSingleton(time)
            .AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_log)))
            .AddMesh(mesh => mesh
                .UseKubernetes(options =>
                {
                    options.Kubeconfig = kubeconfig;
                    options.Scope = MeshKubernetesScope.Cluster;
                })
                .WriteRouteStatus(Controller, options =>
                {
                    options.Identity = identity;
                    options.LeaseDuration = Lease;
                }))
            .BuildServiceProvider();

        public int TimesElected => Count("Elected");

        public int TimesLost => Count("Lost");

        public IEnumerable<string> Log => _log.GetSnapshot().Select(static record => record.Message);

        public Task StartAsync() => _services.GetServices<IHostedService>().OfType<RouteStatusService>().Single().StartAsync(CancellationToken.None);

        public async ValueTask DisposeAsync()
        {
            if (!_ended)
            {
                _ended = true;
                await _services.GetServices<IHostedService>().OfType<RouteStatusService>().Single().StopAsync(CancellationToken.None);
                await _services.DisposeAsync();
            }
        }

        private int Count(string eventName) => _log.GetSnapshot().Count(record => record.Id.Name == eventName && record.Category!.EndsWith("LeaderElection", StringComparison.Ordinal));
    }
}
