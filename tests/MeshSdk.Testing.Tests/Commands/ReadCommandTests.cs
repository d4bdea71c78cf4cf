using System.Net;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>What the real kubectl shows of objects, in a cluster where they have all just been made.</summary>
public sealed class ReadCommandTests(StillKubectlSession session) : IClassFixture<StillKubectlSession>
{
    private static readonly string[] Frontends = ["v1", "v2"];

    [Fact]
    public async Task Tables_have_the_columns_of_a_cluster()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.All);

        Assert.Equal("NAME    HOSTNAMES           AGE\nsplit   [\"a.example.com\"]   0s", await console.Run("get httproute"));
        Assert.Equal("NAME      HOST      AGE\nbackend   backend   0s", await console.Run("get dr"));
        var services = await console.Table("get svc -o wide");
        Assert.Equal(["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR"], services[0]);
        Assert.Equal(["backend", "ClusterIP", services[1][2], "<none>", "80/TCP", "0s", "app=backend"], services[1]);
        Assert.True(IPAddress.TryParse(services[1][2], out _), services[1][2]);
        Assert.Equal(["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"], (await console.Table("get deploy -o wide"))[0]);
        Assert.Equal(
            [["NAME", "STATUS", "AGE"], [console.Namespace, "Active", "0s"]], await console.Table("get ns " + console.Namespace));
        Assert.Equal("NAME               DATA   AGE\nkube-root-ca.crt   1      0s", await console.Run("get cm"));
        Assert.Equal("NAME      SECRETS   AGE\ndefault   0         0s", await console.Run("get sa"));
    }

    [Fact]
    public async Task Pods_and_the_slices_of_their_service_tell_where_they_are()
    {
        var console = await session.OpenAsync();
        await using var pod = await session.Cluster.AddPodAsync(
            console.Namespace, "backend-1", new Dictionary<string, string> { ["app"] = "backend" }, new(IPAddress.Loopback, 4711), 5678);
        await console.Run("apply -f -", Manifests.Service);

        Assert.Equal(
            "NAME        READY   STATUS    RESTARTS   AGE   IP          NODE     NOMINATED NODE   READINESS GATES\n" +
            "backend-1   1/1     Running   0          0s    127.0.0.1   <none>   <none>           <none>",
            await console.Run("get pods -o wide"));
        await console.Run("wait endpointslice -l kubernetes.io/service-name=backend --for=jsonpath={.endpoints[0].conditions.ready}=true --timeout=10s");
        var slices = await console.Table("get endpointslices");
        Assert.Equal(["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"], slices[0]);
        Assert.StartsWith("backend-", slices[1][0], StringComparison.Ordinal);
        Assert.Equal(["IPv4", "4711", "127.0.0.1", "0s"], slices[1][1..]);
    }

    [Fact]
    public async Task Output_has_every_form()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Route());

        Assert.Equal("httproute.gateway.networking.k8s.io/split", await console.Run("get httproute -o name"));
        Assert.Equal("90 10", await console.Run("get httproute split -o jsonpath={.spec.rules[0].backendRefs[*].weight}"));
        Assert.Equal("split=90", await console.Run("get httproute split -o 'go-template={{.metadata.name}}={{(index (index .spec.rules 0).backendRefs 0).weight}}'"));
        Assert.Equal(
            "NAME    FIRST\nsplit   v1", await console.Run("get httproutes -o custom-columns=NAME:.metadata.name,FIRST:.spec.rules[0].backendRefs[0].name"));
        var json = JsonNode.Parse(await console.Run("get httproute split -o json"))!;
        Assert.Equal("gateway.networking.k8s.io/v1", (string)json["apiVersion"]!);
        Assert.Equal(Frontends, json["spec"]!["rules"]![0]!["backendRefs"]!.AsArray().Select(backend => (string)backend!["name"]!));
        var yaml = await console.Run("get httproute split -o yaml");
        Assert.Contains("\n  rules:\n  - backendRefs:\n    - group: \"\"\n      kind: Service\n      name: v1\n      port: 80\n      weight: 90\n", yaml, StringComparison.Ordinal);
        Assert.Contains("    matches:\n    - path:\n        type: PathPrefix\n        value: /", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("managedFields", yaml, StringComparison.Ordinal);
        Assert.Contains("manager: kubectl-client-side-apply", await console.Run("get httproute split -o yaml --show-managed-fields"), StringComparison.Ordinal);
        Assert.Contains("apiVersion: gateway.networking.k8s.io/v1beta1", await console.Run("get httproutes.v1beta1.gateway.networking.k8s.io -o yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_are_selected_and_sorted()
    {
        var console = await session.OpenAsync();
        foreach (var (name, size) in new[] { ("b", 1), ("a", 3), ("c", 2) })
        {
            await console.Run($"create configmap {name} --from-literal=size={size}");
        }

        await console.Run("label configmap a c tier=web");
        Assert.Equal("configmap/a\nconfigmap/c", await console.Run("get cm -l tier=web -o name"));
        Assert.Equal("configmap/b\nconfigmap/kube-root-ca.crt", await console.Run("get cm -l '!tier' -o name"));
        Assert.Equal("configmap/b", await console.Run("get cm --field-selector metadata.name=b -o name"));
        Assert.Equal("c     1     0s\na     1     0s", await console.Run("get cm -l tier=web --no-headers --sort-by=.data.size"));
        Assert.Equal("NAME   DATA   AGE   TIER\na      1      0s    web", await console.Run("get cm a -L tier"));
        Assert.Equal("a     1     0s    tier=web", await console.Run("get cm a --show-labels --no-headers"));
        Assert.Contains($"{console.Namespace,-17} b ", await console.Run("get cm -A --chunk-size=2"), StringComparison.Ordinal);
        Assert.Contains("field label not supported: spec.nothing", await console.Refused("get pods --field-selector spec.nothing=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_is_what_belongs_to_that_category_in_the_order_of_a_cluster()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.All);
        await console.Run("run one --image=one");

        Assert.Equal(
            "pod/one\nservice/backend\ndeployment.apps/backend", await console.Run("get all -o name"));
        Assert.Equal("httproute.gateway.networking.k8s.io/split", await console.Run("get gateway-api -o name"));
    }

    [Fact]
    public async Task What_is_not_there_is_said_so()
    {
        var console = await session.OpenAsync();

        Assert.Equal(
            "Error from server (NotFound): httproutes.gateway.networking.k8s.io \"none\" not found", await console.Refused("get httproute none"));
        Assert.Equal("error: the server doesn't have a resource type \"frobs\"", await console.Refused("get frobs"));
        Assert.Equal("", await console.Run("get httproute none --ignore-not-found"));
        var nothing = await console.Send("get httproutes");
        Assert.Equal((0, $"No resources found in {console.Namespace} namespace.\n"), (nothing.ExitCode, nothing.Error.ReplaceLineEndings("\n")));
    }

    [Fact]
    public async Task Objects_are_described()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.All);
        await console.Run("run one --image=one");

        foreach (var (which, line) in new[]
        {
            ("httproute split", @"Weight:\s+90"),
            ("dr backend", @"Host:\s+backend"),
            ("svc backend", @"Selector:\s+app=backend"),
            ("deploy backend", @"Replicas:\s+2 desired \| 0 updated \| 0 total \| 0 available \| 0 unavailable"),
            ("pod one", @"Status:\s+Pending"),
            ("cm kube-root-ca.crt", "-----BEGIN CERTIFICATE-----"),
            ("ns " + console.Namespace, @"Status:\s+Active"),
            ("sa default", @"Events:\s+<none>"),
        })
        {
            Assert.Matches($"(?m)^\\s*{line}$", await console.Run("describe " + which));
        }
    }
}
