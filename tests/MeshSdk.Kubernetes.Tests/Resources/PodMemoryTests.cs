using System.Text;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Kubernetes.Wire;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Tests.Resources;

/// <summary>What is kept of pods, of which there are thousands, and of what else is read for its labels.</summary>
[Collection(nameof(Alone))]
public sealed class PodMemoryTests(ITestOutputHelper output)
{
    private const int Pods = 10_000;

    [Fact]
    public async Task Ten_thousand_pods_take_little_room()
    {
        var text = new StringBuilder("""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[""");
        for (var i = 0; i < Pods; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(Pod(i));
        }

        var body = Encoding.UTF8.GetBytes(text.Append("]}").ToString());
        GC.KeepAlive(await ReadAsync(body));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var set = await ReadAsync(body);
        var update = set.TakeChanges(condition: null)!;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var retained = GC.GetTotalMemory(forceFullCollection: true) - before;

        output.WriteLine($"{body.Length / 1e6:F1} MB of JSON: {allocated / 1e6:F1} MB allocated, {retained / 1e6:F1} MB retained");
        Assert.Equal(Pods, update.Upserts.Length);
        Assert.InRange(retained, 100_000, 20_000_000);
        GC.KeepAlive(set);
    }

    [Fact]
    public void Of_a_pod_that_stays_which_tells_who_it_is_and_who_handles_its_traffic()
    {
        var pod = Assert.IsType<Pod>(new ObjectDecoder(WatchedKinds.Pods.Target).Decode(Encoding.UTF8.GetBytes(Pod(7))).Resource);
        Assert.Equal("account-7", pod.Spec.ServiceAccountName);
        Assert.Equal("istio", pod.Metadata.Labels![MeshSdk.Resources.Pod.TlsModeLabel]);
        Assert.Equal(PodProxies.Istio, pod.Spec.Containers);
        Assert.Equal(PodProxies.None, pod.Spec.InitContainers);
        Assert.Equal(["10.0.0.7"], pod.Status.PodIPs!.Value.Select(static ip => ip.Ip!));
        Assert.Equal(["ambient.istio.io/redirection"], pod.Metadata.Annotations!.Keys);
    }

    [Fact]
    public void Of_namespaces_and_certificates_nothing_else_stays()
    {
        var space = Decode(WatchedKinds.Namespaces.Target, """{"metadata":{"name":"shop","resourceVersion":"1","labels":{"team":"x","istio.io/use-waypoint":"gate"},"annotations":{"a":"b"}}}""");
        Assert.Equal(["istio.io/use-waypoint"], space.Metadata.Labels!.Keys);
        Assert.Null(space.Metadata.Annotations);

        var secret = (CertificateSecret)Decode(
            WatchedKinds.Secrets.Target, """{"metadata":{"name":"s","namespace":"shop","resourceVersion":"1","labels":{"team":"x"},"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"all of it"}},"data":{"ca.crt":"YQ==","password":"Yg=="}}""");
        Assert.Null(secret.Metadata.Annotations);
        Assert.Null(secret.Metadata.Labels);
        Assert.Equal("a", secret.Certificates.Authorities);
    }

    private static Resource Decode(WatchTarget target, string json) => new ObjectDecoder(target).Decode(Encoding.UTF8.GetBytes(json)).Resource!;

    private static async Task<ToldSet> ReadAsync(byte[] body)
    {
        var set = new ToldSet();
        var decoder = new ObjectDecoder(WatchedKinds.Pods.Target);
        using var window = new ByteWindow(new MemoryStream(body));
        await ListBody.ReadAsync(window, json => set.Put(decoder.Decode(json)), static () => CancellationToken.None);
        return set;
    }

    // As a pod of Istio's looks, without managed fields.
    private static string Pod(int i) => $$$"""
        {"metadata":{"name":"backend-{{{i / 50}}}-6d4cf56db6-{{{i:D5}}}","generateName":"backend-6d4cf56db6-","namespace":"shop","uid":"8b2d3c4e-0003-4002-8aaa-{{{i:D12}}}","resourceVersion":"{{{i + 1}}}",
        "labels":{"app":"backend-{{{i / 50}}}","version":"v1","pod-template-hash":"6d4cf56db6","security.istio.io/tlsMode":"istio","service.istio.io/canonical-name":"backend","service.istio.io/canonical-revision":"v1"},
        "annotations":{"ambient.istio.io/redirection":"pending","sidecar.istio.io/status":"{{{new string('s', 600)}}}","kubectl.kubernetes.io/default-container":"app","prometheus.io/path":"/stats/prometheus"},
        "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"backend-{{{i / 50}}}-6d4cf56db6","uid":"8b2d3c4e-0003-4002-8aab-000000000000","controller":true,"blockOwnerDeletion":true}]},
        "spec":{"volumes":[{"name":"x","emptyDir":{}}],"initContainers":[{"name":"istio-init","image":"proxyv2","args":["istio-iptables"]}],
        "containers":[{"name":"app","image":"registry/app:1","env":[{"name":"A","value":"{{{new string('v', 300)}}}"}],"ports":[{"containerPort":8080}]},{"name":"istio-proxy","image":"proxyv2","env":[{"name":"B","value":"{{{new string('w', 600)}}}"}]}],
        "serviceAccountName":"account-{{{i}}}","nodeName":"node-{{{i % 100}}}"},"status":{"phase":"Running","podIP":"10.0.{{{i / 256}}}.{{{i % 256}}}","podIPs":[{"ip":"10.0.{{{i / 256}}}.{{{i % 256}}}"}],"conditions":[{"type":"Ready","status":"True"}]}}
        """;
}
