using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.Namespaces;
using MeshSdk.Testing.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Testing.Tests.Controllers.Namespaces;

public sealed class NamespaceControllerTests : IAsyncDisposable
{
    private readonly FakeClusterApi _api = new() { Admissions = { new NamespaceAdmission() } };
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public NamespaceControllerTests()
    {
        var kinds = new[]
        {
            FakeClusterApi.Type("", "namespaces", isNamespaced: false),
            FakeClusterApi.Type("", "pods"),
            FakeClusterApi.Type("", "configmaps"),
            FakeClusterApi.Type("gateway.networking.k8s.io", "httproutes"),
        };
        _running = new NamespaceController(() => kinds, NullLogger<NamespaceController>.Instance).RunAsync(_api, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public void A_namespace_has_its_finalizer_its_phase_and_the_label_with_its_name()
    {
        var ns = Namespace("shop");

        Assert.Equal(["kubernetes"], ns.TextsAt("spec", "finalizers"));
        Assert.Equal("Active", ns.TextAt("status", "phase"));
        Assert.Equal("shop", ns.TextAt("metadata", "labels", "kubernetes.io/metadata.name"));
    }

    [Fact]
    public void A_replacement_without_finalizers_does_not_take_them_away() => Assert.Equal(["kubernetes"], Twice("shop").TextsAt("spec", "finalizers"));

    [Fact]
    public async Task All_that_is_in_a_namespace_goes_with_it_and_nothing_else()
    {
        Namespace("shop");
        Namespace("kept");
        foreach (var ns in new[] { "shop", "kept" })
        {
            _api.Put("", "pods", Manifest.Of("Pod", ns, "p"));
            _api.Put("", "configmaps", Manifest.Of("ConfigMap", ns, "c"));
            _api.Put("gateway.networking.k8s.io", "httproutes", Manifest.Of("HTTPRoute", ns, "r"));
        }

        _api.Delete("", "namespaces", null, "shop");

        await _api.UntilAsync(api => api.Get("", "namespaces", null, "shop") is null);
        Assert.Empty(_api.List("", "pods", "shop"));
        Assert.Empty(_api.List("", "configmaps", "shop"));
        Assert.Empty(_api.List("gateway.networking.k8s.io", "httproutes", "shop"));
        Assert.Single(_api.List("", "pods", "kept"));
        Assert.Equal("Active", _api.Get("", "namespaces", null, "kept").TextAt("status", "phase"));
    }

    [Fact]
    public async Task A_namespace_waits_for_finalizers_of_its_objects_and_holds_up_no_other()
    {
        Namespace("slow");
        Namespace("quick");
        _api.Put("", "configmaps", Manifest.Of("ConfigMap", "slow", "held", """{ "metadata": { "finalizers": ["example.com/wait"] } }"""));
        _api.Put("", "configmaps", Manifest.Of("ConfigMap", "slow", "free"));

        _api.Delete("", "namespaces", null, "slow");
        await _api.UntilAsync(api => api.Get("", "configmaps", "slow", "free") is null);
        _api.Delete("", "namespaces", null, "quick");
        await _api.UntilAsync(api => api.Get("", "namespaces", null, "quick") is null);

        Assert.Equal("Terminating", _api.Get("", "namespaces", null, "slow").TextAt("status", "phase"));
        var held = _api.Get("", "configmaps", "slow", "held")!;
        Assert.True(held.IsTerminating());
        held["metadata"]!.AsObject().Remove("finalizers");
        _api.Put("", "configmaps", held);
        await _api.UntilAsync(api => api.Get("", "namespaces", null, "slow") is null);
    }

    [Fact]
    public async Task A_namespace_waits_for_one_kind_after_the_other()
    {
        Namespace("shop");
        var pod = _api.Put("", "pods", Manifest.Of("Pod", "shop", "p", """{ "metadata": { "finalizers": ["example.com/wait"] } }"""));
        var map = _api.Put("", "configmaps", Manifest.Of("ConfigMap", "shop", "c", """{ "metadata": { "finalizers": ["example.com/wait"] } }"""));
        _api.Delete("", "namespaces", null, "shop");
        await _api.UntilAsync(api => api.IsWatched("", "pods"));

        _api.Renumber();
        await _api.UntilAsync(api => api.IsWatched("", "pods"));
        Release("pods", pod.Name());
        await _api.UntilAsync(api => api.IsWatched("", "configmaps"));

        Assert.NotNull(_api.Get("", "namespaces", null, "shop"));
        Release("configmaps", map.Name());
        await _api.UntilAsync(api => api.Get("", "namespaces", null, "shop") is null);

        void Release(string plural, string name)
        {
            var held = _api.Get("", plural, "shop", name)!;
            held["metadata"]!.AsObject().Remove("finalizers");
            _api.Put("", plural, held);
        }
    }

    [Fact]
    public async Task What_a_namespace_without_finalizers_leaves_behind_is_deleted()
    {
        _api.Admissions.Clear();
        Namespace("shop");
        _api.Put("", "pods", Manifest.Of("Pod", "shop", "p"));

        _api.Delete("", "namespaces", null, "shop");

        await _api.UntilAsync(api => api.List("", "pods", "shop").Count == 0);
    }

    [Fact]
    public async Task A_finalizer_of_a_user_keeps_the_empty_namespace()
    {
        _api.Put("", "namespaces", Manifest.Of("Namespace", "", "shop", """{ "metadata": { "finalizers": ["example.com/wait"] } }"""));
        _api.Put("", "pods", Manifest.Of("Pod", "shop", "p"));

        _api.Delete("", "namespaces", null, "shop");

        await _api.UntilAsync(api => api.Get("", "namespaces", null, "shop") is { } left && !NamespaceFinalizers.Hold(left));
        Assert.Empty(_api.List("", "pods", "shop"));
        var ns = _api.Get("", "namespaces", null, "shop")!;
        ns["metadata"]!.AsObject().Remove("finalizers");
        _api.Put("", "namespaces", ns);
        Assert.Null(_api.Get("", "namespaces", null, "shop"));
    }

    [Fact]
    public async Task A_namespace_of_the_same_name_that_comes_later_ends_as_well()
    {
        for (var i = 0; i < 3; i++)
        {
            Namespace("shop");
            _api.Put("", "pods", Manifest.Of("Pod", "shop", "p"));
            _api.Delete("", "namespaces", null, "shop");
            await _api.UntilAsync(api => api.Get("", "namespaces", null, "shop") is null);
            Assert.Empty(_api.List("", "pods"));
        }
    }

    private JsonObject Namespace(string name) => _api.Put("", "namespaces", Manifest.Of("Namespace", "", name));

    private JsonObject Twice(string name)
    {
        Namespace(name);
        return _api.Put("", "namespaces", Manifest.Of("Namespace", "", name, """{ "metadata": { "labels": { "a": "b" } } }"""));
    }
}
