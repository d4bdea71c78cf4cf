using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.EndpointSlices;
using MeshSdk.Testing.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Testing.Tests.Controllers.EndpointSlices;

public sealed class EndpointSliceControllerTests : IAsyncDisposable
{
    private const string Discovery = "discovery.k8s.io";

    private readonly FakeClusterApi _api = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public EndpointSliceControllerTests()
    {
        // What is there before the controller starts counts as what comes later.
        _api.Put("", "nodes", Manifest.Of("Node", "", "n1", """{ "metadata": { "labels": { "topology.kubernetes.io/zone": "a" } } }"""));
        _api.Put("", "services", Backend("backend"));
        _running = new EndpointSliceController(NullLogger<EndpointSliceController>.Instance).RunAsync(_api, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task Pods_come_change_and_go()
    {
        await _api.UntilAsync(_ => Endpoints("backend") == "");
        _api.Put("", "pods", Manifest.Pod("shop", "p1", "10.0.0.1", "backend", spec: """{ "nodeName": "n1" }"""));
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 ready a");
        _api.Put("", "pods", Manifest.Pod("shop", "p1", "10.0.0.1", "backend", ready: false, spec: """{ "nodeName": "n1" }"""));
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 unready a");
        _api.Put("", "nodes", Manifest.Of("Node", "", "n1", """{ "metadata": { "labels": { "topology.kubernetes.io/zone": "b" } } }"""));
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 unready b");
        _api.Put("", "pods", Manifest.Pod("shop", "p1", "10.0.0.1", "other", spec: """{ "nodeName": "n1" }"""));
        await _api.UntilAsync(_ => Endpoints("backend") == "");
        _api.Put("", "pods", Manifest.Pod("shop", "p2", "10.0.0.2", "backend"));
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.2 ready ");
        _api.Delete("", "pods", "shop", "p2");
        await _api.UntilAsync(_ => Endpoints("backend") == "");
    }

    [Fact]
    public async Task A_changed_selector_changes_the_endpoints()
    {
        _api.Put("", "pods", Manifest.Pod("shop", "p1", "10.0.0.1", "backend"));
        _api.Put("", "pods", Manifest.Pod("shop", "p2", "10.0.0.2", "other"));
        _api.Put("", "pods", Manifest.Pod("else", "p3", "10.0.0.3", "other"));
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 ready ");

        _api.Put("", "services", Backend("backend", app: "other"));

        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.2 ready ");
    }

    [Fact]
    public async Task Slices_go_with_their_service_and_come_back_with_the_new_one()
    {
        _api.Put("", "pods", Manifest.Pod("shop", "p1", "10.0.0.1", "backend"));
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 ready ");

        _api.Delete("", "services", "shop", "backend");
        await _api.UntilAsync(api => api.List(Discovery, "endpointslices").Count == 0);
        var again = _api.Put("", "services", Backend("backend"));

        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 ready ");
        Assert.Equal(again.Uid(), Assert.Single(_api.List(Discovery, "endpointslices")).ObjectsAt("metadata", "ownerReferences").Single().TextAt("uid"));
    }

    [Fact]
    public async Task A_slice_that_a_user_deletes_or_edits_is_made_anew()
    {
        _api.Put("", "pods", Manifest.Pod("shop", "p1", "10.0.0.1", "backend"));
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 ready ");
        var slice = Assert.Single(_api.List(Discovery, "endpointslices"));

        _api.Delete(Discovery, "endpointslices", "shop", slice.Name());
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 ready ");
        slice["endpoints"] = new JsonArray();
        _api.Put(Discovery, "endpointslices", slice);
        await _api.UntilAsync(_ => Endpoints("backend") == "10.0.0.1 ready ");
    }

    [Fact]
    public async Task Watches_that_end_and_versions_that_begin_anew_are_got_over_without_a_slice_that_is_empty_meanwhile()
    {
        for (var i = 0; i < 150; i++)
        {
            _api.Put("", "pods", Manifest.Pod("shop", $"p{i}", $"10.0.0.{i}", "backend"));
        }

        await _api.UntilAsync(_ => Endpoints("backend").Split(',').Length == 150);
        var writes = SliceWrites();

        _api.Renumber();
        _api.Put("", "services", Backend("marker", app: "nobody"));
        await _api.UntilAsync(_ => Endpoints("marker") == "");

        Assert.Equal(writes + 1, SliceWrites());
        _api.Delete(Discovery, "endpointslices", "shop", _api.List(Discovery, "endpointslices", "shop")[0].Name());
        await _api.UntilAsync(_ => Endpoints("backend").Split(',').Length == 150);
    }

    [Fact]
    public async Task A_refused_write_does_not_stop_the_controller()
    {
        var going = _api.Put("", "namespaces", Manifest.Of("Namespace", "", "going", """{ "spec": { "finalizers": ["kubernetes"] } }"""));
        _api.Put("", "services", Backend("late", "going", app: "x"));
        await _api.UntilAsync(api => api.List(Discovery, "endpointslices", "going").Count == 1);
        _api.Delete("", "namespaces", null, going.Name());

        // The slice cannot be made again in a namespace that is about to go.
        _api.Delete(Discovery, "endpointslices", "going", _api.List(Discovery, "endpointslices", "going")[0].Name());
        _api.Put("", "services", Backend("next"));

        await _api.UntilAsync(api => api.List(Discovery, "endpointslices", "shop").Any(slice => slice.Name().StartsWith("next-", StringComparison.Ordinal)));
        Assert.Empty(_api.List(Discovery, "endpointslices", "going"));
    }

    [Fact]
    public async Task A_burst_of_pods_ends_in_slices_that_nobody_writes_any_more()
    {
        for (var i = 0; i < 300; i++)
        {
            _api.Put("", "pods", Manifest.Pod("shop", $"p{i}", $"10.0.{i / 200}.{i % 200}", "backend"));
        }

        await _api.UntilAsync(_ => Endpoints("backend").Split(',').Length == 300);

        // The controller works one change after the other: once the new Service has its slice, all before is done.
        var writes = SliceWrites();
        _api.Put("", "services", Backend("marker", app: "nobody"));
        await _api.UntilAsync(_ => SliceWrites() > writes);
        Assert.Equal(writes + 1, SliceWrites());
    }

    private int SliceWrites() => _api.Writes.Count(write => write.Contains(" endpointslices ", StringComparison.Ordinal));

    /// <summary>As in <c>10.0.0.1 ready zone</c>, by address; null before there is a slice.</summary>
    private string Endpoints(string service)
    {
        var slices = _api.List(Discovery, "endpointslices", "shop")
            .Where(slice => slice.TextAt("metadata", "labels", "kubernetes.io/service-name") == service).ToArray();
        return slices.Length == 0 ? "no slice" : string.Join(',', slices.SelectMany(slice => slice.ObjectsAt("endpoints"))
            .Select(endpoint => $"{endpoint.TextsAt("addresses")[0]} {(endpoint.IsTrueAt("conditions", "ready") ? "ready" : "unready")} {endpoint.TextAt("zone")}")
            .Order(StringComparer.Ordinal));
    }

    private static JsonObject Backend(string name, string ns = "shop", string app = "backend") =>
        Manifest.Service(ns, name, $$"""{ "selector": { "app": "{{app}}" }, "ports": [ { "port": 80, "targetPort": 8080 } ] }""");
}
