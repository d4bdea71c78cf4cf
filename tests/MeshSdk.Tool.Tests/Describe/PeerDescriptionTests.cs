using System.Text.Json;

namespace MeshSdk.Tool.Tests.Describe;

/// <summary>What pods ask of those who call them, in the lines of Istio's describe command.</summary>
public sealed class PeerDescriptionTests
{
    private const string Pods =
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: web-a, namespace: shop, labels: { kubernetes.io/service-name: web } }
        addressType: IPv4
        ports: [{ name: http, port: 8080 }]
        endpoints:
        - { addresses: [10.0.0.1], targetRef: { kind: Pod, name: web-1, namespace: shop } }
        - { addresses: [10.0.0.2], targetRef: { kind: Pod, name: web-2, namespace: shop } }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: web-1, namespace: shop, labels: { app: web, version: v1, security.istio.io/tlsMode: istio } }
        spec: { serviceAccountName: web, containers: [] }
        status: { podIPs: [{ ip: 10.0.0.1 }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: web-2, namespace: shop, labels: { app: web, version: v2, security.istio.io/tlsMode: istio } }
        spec: { serviceAccountName: web, containers: [] }
        status: { podIPs: [{ ip: 10.0.0.2 }] }
        ---

        """;

    [Fact]
    public async Task The_default_needs_no_words()
    {
        using var mesh = new DescribedMesh(DescribedMesh.Web + Pods);

        Assert.DoesNotContain("PeerAuthentication:", await mesh.TextAsync("web"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await mesh.JsonAsync("web")).GetProperty("peerAuthentication").ValueKind);
    }

    [Fact]
    public async Task Policies_of_the_mesh_the_namespace_and_workloads_come_together()
    {
        using var mesh = new DescribedMesh(DescribedMesh.Web + Pods + """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: { name: default, namespace: istio-system }
            spec: { mtls: { mode: STRICT } }
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: { name: first, namespace: shop }
            spec:
              selector: { matchLabels: { version: v1 } }
              mtls: { mode: PERMISSIVE }
              portLevelMtls: { 8080: { mode: DISABLE } }
            """);

        var text = await mesh.TextAsync("web");

        Assert.Contains(
            """
            Effective PeerAuthentication:
               Workload mTLS mode: PERMISSIVE/STRICT
               Port Level mTLS mode:
                  8080: DISABLE/STRICT
            Applied PeerAuthentication:
               first.shop
               default.istio-system

            """,
            text, StringComparison.Ordinal);
        Assert.Matches(@"10\.0\.0\.1:8080  ready +TLS none: PeerAuthentication shop/first says DISABLE", text);
        Assert.Matches(@"10\.0\.0\.2:8080  ready +TLS istio: PeerAuthentication istio-system/default says STRICT  expects spiffe://cluster\.local/ns/shop/sa/web", text);
        Assert.Equal(
            """{"workloadMtlsMode":["PERMISSIVE","STRICT"],"portLevelMtls":[{"port":8080,"mode":["DISABLE","STRICT"]}],"applied":[{"namespace":"shop","name":"first"},{"namespace":"istio-system","name":"default"}]}""",
            (await mesh.JsonAsync("web")).GetProperty("peerAuthentication").GetRawText());
    }

    [Fact]
    public async Task A_pod_that_must_be_known_and_is_not_is_withheld_with_what_is_missing()
    {
        using var mesh = new DescribedMesh(DescribedMesh.Web + Pods.Replace("10.0.0.2 }]", "10.0.0.9 }]", StringComparison.Ordinal) + """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: web, namespace: shop }
            spec: { host: web, trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }
            """);

        var text = await mesh.TextAsync("web");

        Assert.Matches(@"10\.0\.0\.1:8080  ready +TLS istio: DestinationRule shop/web .*expects spiffe://cluster\.local/ns/shop/sa/web\n", text);
        Assert.Matches(@"10\.0\.0\.2:8080  ready +TLS istio: .*withheld: .*web-2", text);
        Assert.Contains("\n   TLS: istio, of DestinationRule shop/web\n      Sends SNI: outbound_.80_._.web.shop.svc.cluster.local\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_are_listed_with_their_selectors_and_the_services_behind()
    {
        using var directory = new ManifestDirectory();
        directory.Write("mesh.yaml", DescribedMesh.Web + Pods + """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: { name: default, namespace: istio-system }
            spec: { mtls: { mode: STRICT } }
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: { name: first, namespace: shop }
            spec: { selector: { matchLabels: { version: v1, app: web } }, portLevelMtls: { 8080: { mode: DISABLE } } }
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: { name: nobody, namespace: shop }
            spec: { selector: { matchLabels: { app: other } }, mtls: { mode: DISABLE } }
            """);
        string[] command = ["get", "policies", "--manifests", directory.Path, "-A"];

        Assert.Equal(
            """
            NAMESPACE      NAME                         HOST                 LOADBALANCER   TLS       BLOCKS          APPLIES-TO   AGE
            istio-system   peerauthentication/default   <none>               <none>         STRICT    <none>          web.shop     <unknown>
            shop           peerauthentication/first     app=web,version=v1   <none>         UNSET     portLevelMtls   web          <unknown>
            shop           peerauthentication/nobody    app=other            <none>         DISABLE   <none>          <none>       <unknown>

            """,
            (await ToolRun.Of(command)).Out);
        Assert.Equal(
            """{"kind":"PeerAuthentication","namespace":"shop","name":"first","host":null,"loadBalancer":null,"tls":"UNSET","exportTo":[],"created":null,"targets":[],"blocks":["portLevelMtls"],"appliesTo":[{"namespace":"shop","service":"web"}],"selector":{"version":"v1","app":"web"}}""",
            (await ToolRun.Of([.. command, "-o", "json"])).Json[1].GetRawText());
    }
}
