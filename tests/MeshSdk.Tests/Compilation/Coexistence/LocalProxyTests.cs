using System.Text.Json;
using MeshSdk.Compilation.Coexistence;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Resources.Json;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Compilation.Coexistence;

/// <summary>Who else handles the traffic of a process, by what its own pod shows.</summary>
public sealed class LocalProxyTests
{
    private static readonly CallerContext Caller = new() { Namespace = "ns", Pod = "me" };

    public static TheoryData<string, string, string> Pods => new()
    {
        { "nothing else in it", """{"containers":[{"name":"app"}]}""", "None" },
        { "Istio's sidecar", """{"containers":[{"name":"app","env":[{"name":"A","value":"b"}]},{"name":"istio-proxy","image":"x"}]}""", "Sidecar" },
        { "Istio's sidecar as a native one", """{"containers":[{"name":"app"}],"initContainers":[{"name":"istio-init"},{"name":"istio-proxy","restartPolicy":"Always"}]}""", "Sidecar" },
        { "only what sets Istio's rules up", """{"containers":[{"name":"app"}],"initContainers":[{"name":"istio-init"},{"name":"istio-validation"}]}""", "None" },
        { "Istio's agent without a proxy", """{"containers":[{"name":"app"},{"name":"istio-proxy","env":[{"name":"DISABLE_ENVOY","value":"true"}]}]}""", "None" },
        { "the same, written the other way round", """{"containers":[{"env":[{"value":"1","name":"DISABLE_ENVOY"}],"name":"istio-proxy"}]}""", "None" },
        { "a sidecar whose switch is not thrown", """{"containers":[{"name":"istio-proxy","env":[{"name":"DISABLE_ENVOY","value":"false"}]}]}""", "Sidecar" },
        { "a switch that another container has", """{"containers":[{"name":"app","env":[{"name":"DISABLE_ENVOY","value":"true"}]},{"name":"istio-proxy"}]}""", "Sidecar" },
        { "a switch whose value comes from elsewhere", """{"containers":[{"name":"istio-proxy","env":[{"name":"DISABLE_ENVOY","valueFrom":{"fieldRef":{"fieldPath":"x"}}}]}]}""", "Sidecar" },
        { "Linkerd's sidecar", """{"containers":[{"name":"linkerd-proxy"},{"name":"app"}]}""", "Sidecar" },
        { "Linkerd's sidecar as a native one", """{"containers":[{"name":"app"}],"initContainers":[{"name":"linkerd-init"},{"name":"linkerd-proxy"}]}""", "Sidecar" },
        { "containers that make no sense", """{"containers":[null,1,{"name":7,"env":[null,{"name":1,"value":{}}]},{"name":"istio-proxy","env":{}}]}""", "Sidecar" },
        { "no container at all", "{}", "None" },
    };

    [Theory]
    [MemberData(nameof(Pods))]
    public void Containers_tell_a_sidecar(string what, string spec, string expected)
    {
        var pod = Read("{}", spec);
        Assert.True(LocalProxyFinder.Find(Caller, pod).Kind.ToString() == expected, what);

        // As it comes back from the disk.
        var json = JsonSerializer.SerializeToUtf8Bytes(pod, ResourceJsonContext.Default.Pod);
        Assert.Equal(pod.Spec, JsonSerializer.Deserialize(json, ResourceJsonContext.Default.Pod)!.Spec);
    }

    public static TheoryData<string, string, string> Annotations => new()
    {
        { """{"ambient.istio.io/redirection":"enabled"}""", """{"containers":[{"name":"app"}]}""", "Ambient" },
        { """{"ambient.istio.io/redirection":"pending"}""", """{"containers":[{"name":"app"}]}""", "None" },
        { """{"ambient.istio.io/redirection":"enabled"}""", """{"containers":[{"name":"istio-proxy"}]}""", "Sidecar" },
        { """{"linkerd.io/proxy-version":"edge-25.8.1"}""", """{"containers":[{"name":"app"}]}""", "Sidecar" },
        { """{"linkerd.io/inject":"enabled"}""", """{"containers":[{"name":"app"}]}""", "None" },
        { """{"sidecar.istio.io/status":"{}"}""", "{}", "Sidecar" },
        { """{"sidecar.istio.io/status":"{}","inject.istio.io/templates":"sidecar, grpc-agent"}""", "{}", "None" },
        { """{"sidecar.istio.io/status":"{}"}""", """{"containers":[{"name":"app"}]}""", "None" },
        { """{"sidecar.istio.io/inject":"true"}""", "{}", "None" },
    };

    [Theory]
    [MemberData(nameof(Annotations))]
    public void What_a_mesh_has_noted_on_the_pod_counts_and_not_what_its_owner_wishes(string annotations, string spec, string expected) =>
        Assert.Equal(expected, LocalProxyFinder.Find(Caller, Read(annotations, spec)).Kind.ToString());

    [Fact]
    public void An_option_comes_before_what_the_pod_shows()
    {
        var stated = new LocalProxy(LocalProxyKind.None, "so it is");
        Assert.Same(stated, LocalProxyFinder.Find(Caller with { Proxy = stated }, Read("{}", """{"containers":[{"name":"istio-proxy"}]}""")));
    }

    [Theory]
    [InlineData(null, "the name of its own Pod is not known (POD_NAME)")]
    [InlineData("me", "nothing is known of its own Pod ns/me")]
    public void Without_a_pod_to_go_by_none_is_known(string? name, string evidence) =>
        Assert.Equal(new LocalProxy(LocalProxyKind.None, evidence), LocalProxyFinder.Find(Caller with { Pod = name }, null));

    [Fact]
    public void A_sidecar_is_told_in_the_snapshot()
    {
        var store = Given.Store(Given.Service("a"), Read("{}", """{"containers":[{"name":"istio-proxy"}]}"""));
        var snapshot = new MeshSdk.Compilation.MeshCompiler(Caller, MeshSdk.Compilation.CompilerOptions.Default).Compile(store);
        Assert.Equal(LocalProxyKind.Sidecar, snapshot.Mesh.Proxy.Kind);
        Assert.Equal(["Info SidecarPresent"], snapshot.Diagnostics.Codes());
        Assert.Contains("Pod ns/me has the container istio-proxy", snapshot.Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_own_pod_may_come_later_and_change()
    {
        var store = Given.Store(Given.Service("a"), Given.Service("other/b"));
        var compiler = new MeshSdk.Compilation.MeshCompiler(Caller, MeshSdk.Compilation.CompilerOptions.Default);
        var snapshot = compiler.Compile(store);
        Assert.Equal(LocalProxyKind.None, snapshot.Mesh.Proxy.Kind);

        var pod = Read("""{"ambient.istio.io/redirection":"enabled"}""", """{"containers":[{"name":"app"}]}""");
        Assert.Equal(LocalProxyKind.Ambient, After(pod));
        Assert.Equal(LocalProxyKind.None, After(Read("{}", """{"containers":[{"name":"app"}]}""")));
        Assert.Equal(LocalProxyKind.Sidecar, After(Read("{}", """{"containers":[{"name":"linkerd-proxy"}]}""")));

        LocalProxyKind After(Pod own)
        {
            store.Apply([own], []);
            var dirty = compiler.FindPlace(store);
            Assert.Equal(2, dirty.Count);
            snapshot = compiler.Recompile(snapshot, store, dirty);
            return snapshot.Mesh.Proxy.Kind;
        }
    }

    private static Pod Read(string annotations, string spec)
    {
        var content = ManifestReader.Read(
            $$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"me","namespace":"ns","annotations":{{annotations}}},"spec":{{spec}}}""", "pod.json");
        Assert.Empty(content.Problems);
        return (Pod)content.Resources[0];
    }
}
