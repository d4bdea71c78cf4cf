using MeshSdk.Model;
using MeshSdk.Sources;
using MeshSdk.Tool.Foreign;

namespace MeshSdk.Tool.Tests.Foreign;

/// <summary>The caller is in <c>client</c> with the label <c>app=web</c>, the service <c>web</c> in <c>shop</c>.</summary>
public sealed class ForeignEffectsTests
{
    private const string Host = "web.shop.svc.cluster.local";

    // kind, namespace, spec; the field that touches the service, or nothing.
    [Theory]
    [InlineData("VirtualService", "shop", "{ hosts: [web] }", "spec.hosts[0]")]
    [InlineData("VirtualService", "client", "{ hosts: [web] }", null)]
    [InlineData("VirtualService", "client", "{ hosts: [other, " + Host + "] }", "spec.hosts[1]")]
    [InlineData("VirtualService", "client", "{ hosts: [WEB.Shop.svc.cluster.local] }", "spec.hosts[0]")]
    [InlineData("VirtualService", "client", "{ hosts: ['*.svc.cluster.local'] }", "spec.hosts[0]")]
    [InlineData("VirtualService", "client", "{ hosts: ['*'] }", "spec.hosts[0]")]
    [InlineData("VirtualService", "shop", "{ hosts: [web.shop] }", null)]
    [InlineData("VirtualService", "shop", "{ hosts: [web], gateways: [mesh, edge] }", "spec.hosts[0]")]
    [InlineData("VirtualService", "shop", "{ hosts: [web], gateways: [edge] }", null)]
    [InlineData("VirtualService", "shop", "{ hosts: [web], exportTo: [.] }", null)]
    [InlineData("VirtualService", "shop", "{ hosts: [web], exportTo: [other, client] }", "spec.hosts[0]")]
    [InlineData("VirtualService", "shop", "{ hosts: [web], exportTo: ['*'] }", "spec.hosts[0]")]
    [InlineData("VirtualService", "shop", "{}", null)]
    [InlineData("ServiceEntry", "third", "{ hosts: [" + Host + "] }", "spec.hosts[0]")]
    [InlineData("ServiceEntry", "third", "{ hosts: [" + Host + "], exportTo: [.] }", null)]
    [InlineData("ServiceEntry", "third", "{ hosts: [api.example.com] }", null)]
    [InlineData("Sidecar", "client", "{}", "spec")]
    [InlineData("Sidecar", "client", "{ egress: [{ hosts: ['*/*'] }] }", "spec")]
    [InlineData("Sidecar", "client", "{ egress: [{ hosts: [other/*] }, { hosts: [shop/" + Host + "] }] }", "spec")]
    [InlineData("Sidecar", "client", "{ egress: [{ hosts: [./*, istio-system/*] }] }", "spec.egress")]
    [InlineData("Sidecar", "client", "{ egress: [{ hosts: [~/*] }] }", "spec.egress")]
    [InlineData("Sidecar", "client", "{ workloadSelector: { labels: { app: web } } }", "spec")]
    [InlineData("Sidecar", "client", "{ workloadSelector: { labels: { app: other } } }", null)]
    [InlineData("Sidecar", "shop", "{}", null)]
    [InlineData("Sidecar", "istio-system", "{}", "spec")]
    [InlineData("EnvoyFilter", "client", "{ configPatches: [{}] }", "spec.configPatches")]
    [InlineData("EnvoyFilter", "istio-system", "{ configPatches: [{ match: { context: ANY } }] }", "spec.configPatches")]
    [InlineData("EnvoyFilter", "shop", "{ configPatches: [{}] }", null)]
    [InlineData("EnvoyFilter", "client", "{ configPatches: [{ match: { context: SIDECAR_INBOUND } }, { match: { context: GATEWAY } }] }", null)]
    [InlineData("EnvoyFilter", "client", "{ configPatches: [{ match: { context: SIDECAR_OUTBOUND, cluster: { service: " + Host + " } } }] }", "spec.configPatches")]
    [InlineData("EnvoyFilter", "client", "{ configPatches: [{ match: { cluster: { service: other } } }] }", null)]
    [InlineData("EnvoyFilter", "client", "{ targetRefs: [{ kind: Gateway, name: edge }], configPatches: [{}] }", null)]
    [InlineData("EnvoyFilter", "client", "{ workloadSelector: { labels: { app: other } }, configPatches: [{}] }", null)]
    [InlineData("EnvoyFilter", "client", "{}", null)]
    public void An_object_touches_the_calls_that_it_would_touch_behind_a_sidecar(string kind, string ns, string spec, string? path) =>
        Assert.Equal(path is null ? [] : [path], EffectsOf(Manifest(kind, ns, "x", spec)).Select(static effect => effect.Path));

    [Fact]
    public void Of_sidecars_the_one_in_force_is_named()
    {
        var whole = Manifest("Sidecar", "istio-system", "whole-mesh", "{}");
        var general = Manifest("Sidecar", "client", "a-general", "{}");
        var chosen = Manifest("Sidecar", "client", "z-chosen", "{ workloadSelector: { labels: { app: web } } }");

        Assert.Equal("Sidecar istio-system/whole-mesh", Assert.Single(EffectsOf(whole)).Source.ToString());
        Assert.Equal("Sidecar client/a-general", Assert.Single(EffectsOf(whole, general)).Source.ToString());
        Assert.Equal("Sidecar client/z-chosen", Assert.Single(EffectsOf(whole, general, chosen)).Source.ToString());
    }

    [Theory]
    [InlineData("apiVersion: example.com/v1\nkind: VirtualService\nmetadata: { name: x }")]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: x }")]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {}")]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: VirtualService")]
    [InlineData("kind: VirtualService\nmetadata: { name: x }")]
    public void Other_objects_are_passed_over(string manifest) => Assert.Empty(Read(manifest));

    private static IEnumerable<ForeignEffect> EffectsOf(params string[] manifests)
    {
        var caller = new CallerContext { Namespace = "client", Labels = new Dictionary<string, string> { ["app"] = "web" } };
        return ForeignEffects.On(new CalledService(new ServiceId("shop", "web"), Host, caller), Read(string.Join("\n---\n", manifests)));
    }

    private static List<ForeignObject> Read(string text)
    {
        var found = new List<ForeignObject>();
        ManifestReader.Read(text, "mesh.yaml", seen =>
        {
            if (ForeignObject.Of(seen) is { } one)
            {
                found.Add(one);
            }
        });
        return found;
    }

    private static string Manifest(string kind, string ns, string name, string spec) =>
        $"apiVersion: networking.istio.io/v1\nkind: {kind}\nmetadata: {{ name: {name}, namespace: {ns} }}\nspec: {spec}";
}
