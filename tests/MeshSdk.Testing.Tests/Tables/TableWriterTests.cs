using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Tables;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Tables;

public sealed class TableWriterTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private const string Born = "creationTimestamp: '2030-01-01T11:55:00Z'";

    [Theory]
    [InlineData("HTTPRoute", "{metadata: {name: a, " + Born + "}, spec: {hostnames: [a.example.com]}}", "Name,Hostnames,Age", """["a","[\u0022a.example.com\u0022]","5m"]""")]
    [InlineData("HTTPRoute", "{metadata: {name: a}, spec: {}}", "Name,Hostnames,Age", """["a",null,null]""")]
    [InlineData("PeerAuthentication", "{metadata: {name: a, " + Born + "}, spec: {mtls: {mode: STRICT}}}", "Name,Mode,Age", """["a","STRICT","5m"]""")]
    [InlineData("AuthorizationPolicy", "{metadata: {name: a, " + Born + "}, spec: {action: DENY}}", "Name,Action,Age", """["a","DENY","5m"]""")]
    [InlineData("RequestAuthentication", "{metadata: {name: a, " + Born + "}, spec: {}}", "Name,Age", """["a","5m"]""")]
    [InlineData("DestinationRule", "{metadata: {name: a, " + Born + "}, spec: {host: backend}}", "Name,Host,Age", """["a","backend","5m"]""")]
    [InlineData("Sidecar", "{metadata: {name: a, " + Born + "}}", "Name,Age", """["a","5m"]""")]
    [InlineData("GatewayClass", "{metadata: {name: a}, spec: {controllerName: c}, status: {conditions: [{type: Other, status: 'False'}, {type: Accepted, status: 'True'}]}}", "Name,Controller,Accepted,Age,Description", """["a","c","True",null,null]""")]
    [InlineData("Namespace", "{metadata: {name: a}, status: {phase: Active}}", "Name,Status,Age", """["a","Active",null]""")]
    [InlineData("Service", "{metadata: {name: a}, spec: {type: ClusterIP, clusterIP: 10.0.0.1, ports: [{port: 80, protocol: TCP}, {port: 81, nodePort: 30000, protocol: UDP}], selector: {b: c, a: b}}}", "Name,Type,Cluster-IP,External-IP,Port(s),Age,Selector", """["a","ClusterIP","10.0.0.1","\u003Cnone\u003E","80/TCP,81:30000/UDP",null,"a=b,b=c"]""")]
    [InlineData("Service", "{metadata: {name: a}, spec: {type: LoadBalancer}}", "", """["a","LoadBalancer","\u003Cnone\u003E","\u003Cpending\u003E","\u003Cnone\u003E",null,"\u003Cnone\u003E"]""")]
    [InlineData("EndpointSlice", "{metadata: {name: a}, addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [1.1.1.1]}, {addresses: [1.1.1.2]}, {addresses: [1.1.1.3]}, {addresses: [1.1.1.4]}]}", "Name,AddressType,Ports,Endpoints,Age", """["a","IPv4","80","1.1.1.1,1.1.1.2,1.1.1.3 \u002B 1 more...",null]""")]
    [InlineData("Deployment", "{metadata: {name: a}, spec: {replicas: 3, template: {spec: {containers: [{name: x, image: i}, {name: z, image: j}]}}, selector: {matchLabels: {a: b}}}, status: {readyReplicas: 2}}", "Name,Ready,Up-to-date,Available,Age,Containers,Images,Selector", """["a","2/3",0,0,null,"x,z","i,j","a=b"]""")]
    [InlineData("ConfigMap", "{metadata: {name: a}, data: {a: b}, binaryData: {c: d}}", "Name,Data,Age", """["a",2,null]""")]
    [InlineData("Node", "{metadata: {name: a, labels: {node-role.kubernetes.io/worker: ''}}, spec: {unschedulable: true}, status: {conditions: [{type: Ready, status: 'True'}]}}", "", """["a","Ready,SchedulingDisabled","worker",null,null,null]""")]
    [InlineData("Event", "{metadata: {name: a}, lastTimestamp: '2030-01-01T11:59:30Z', type: Warning, reason: R, message: m, involvedObject: {kind: Pod, name: p}}", "Last Seen,Type,Reason,Object,Message,Name", """["30s","Warning","R","pod/p","m","a"]""")]
    [InlineData("RoleBinding", "{metadata: {name: a}, roleRef: {kind: Role, name: r}}", "Name,Role,Age", """["a","Role/r",null]""")]
    public void A_row_says_what_kubectl_shows(string kind, string content, string columns, string cells)
    {
        var table = Write(kind, Known.Yaml(content));
        if (columns.Length > 0)
        {
            Assert.Equal(columns, string.Join(',', table["columnDefinitions"]!.AsArray().Select(column => column!["name"]!.ToString())));
        }

        Assert.Equal(cells, table["rows"]![0]!["cells"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{status: {phase: Running, containerStatuses: [{ready: true, restartCount: 0, state: {running: {}}}]}}", "1/1", "Running", "0")]
    [InlineData("{status: {phase: Pending}}", "0/1", "Pending", "0")]
    [InlineData("{metadata: {deletionTimestamp: x}, status: {phase: Running}}", "0/1", "Terminating", "0")]
    [InlineData("{status: {phase: Running, containerStatuses: [{ready: false, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {finishedAt: '2030-01-01T11:58:00Z'}}}]}}", "0/1", "CrashLoopBackOff", "4 (2m ago)")]
    [InlineData("{status: {phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 3}}}]}}", "0/1", "ExitCode:3", "0")]
    [InlineData("{spec: {containers: [{}], initContainers: [{}, {}]}, status: {phase: Pending, initContainerStatuses: [{state: {terminated: {exitCode: 0}}}, {state: {running: {}}}]}}", "0/1", "Init:1/2", "0")]
    public void A_pods_state_is_told_as_kubectl_tells_it(string content, string ready, string status, string restarts)
    {
        var pod = Known.Yaml(content);
        pod["spec"] ??= new JsonObject { ["containers"] = new JsonArray(new JsonObject()) };
        var cells = Write("Pod", pod)["rows"]![0]!["cells"]!.AsArray();
        Assert.Equal([ready, status, restarts], cells.Skip(1).Take(3).Select(cell => cell!.ToString()));
    }

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(125, "2m5s")]
    [InlineData(600, "10m")]
    [InlineData(3 * 3600 - 1, "179m")]
    [InlineData(3 * 3600 + 60, "3h1m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData(49 * 3600, "2d1h")]
    [InlineData(8 * 24 * 3600 + 3600, "8d")]
    [InlineData(2 * 365 * 24 * 3600, "2y")]
    [InlineData(2 * 365 * 24 * 3600 + 86400, "2y1d")]
    [InlineData(9L * 365 * 24 * 3600 + 86400, "9y")]
    public void Ages_are_told_in_two_units_at_most(long seconds, string text) => Assert.Equal(text, Ages.Of(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(".a.b", "1")]
    [InlineData("{.a.b}", "1")]
    [InlineData(".list[0].x", "1")]
    [InlineData(".list[-1].x", "2")]
    [InlineData(".list[*].x", "1,2")]
    [InlineData(".list[?(@.x==2)].y", "z")]
    [InlineData(".list[?(@.y=='z')].x", "2")]
    [InlineData(".list[?(@.y!=\"z\")].x", "1")]
    [InlineData(".labels.app\\.io/name", "n")]
    [InlineData(".labels['app.io/name']", "n")]
    [InlineData(".nothing.there", "")]
    public void Paths_lead_where_they_lead_in_kubectl(string path, string found)
    {
        var content = JsonNode.Parse("""{"a":{"b":1},"list":[{"x":1},{"x":2,"y":"z"}],"labels":{"app.io/name":"n"}}""")!;
        Assert.Equal(found, string.Join(',', JsonPath.Parse(path)!.Find(content).Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))));
    }

    [Theory]
    [InlineData("a")]
    [InlineData(".a[")]
    [InlineData(".a[x]")]
    [InlineData(".a[?(@.x>2)]")]
    public void Other_paths_are_not_guessed_at(string path) => Assert.Null(JsonPath.Parse(path));

    [Fact]
    public void A_row_carries_of_its_object_what_is_asked_for()
    {
        var route = Known.Yaml("{metadata: {name: a}, spec: {hostnames: [b]}}");
        Assert.Equal("""{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a"}}""", Write("HTTPRoute", route)["rows"]![0]!["object"]!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(route, Write("HTTPRoute", route, IncludeObject.Object)["rows"]![0]!["object"]));
        Assert.Null(Write("HTTPRoute", route, IncludeObject.None)["rows"]![0]!["object"]);
    }

    [Fact]
    public void A_watch_tells_the_columns_once()
    {
        var table = Write("HTTPRoute", Known.Yaml("{metadata: {name: a}}"), withColumns: false);
        Assert.True(table.AsObject().ContainsKey("columnDefinitions"));
        Assert.Null(table["columnDefinitions"]);
        Assert.Equal("7", table["metadata"]!["resourceVersion"]!.ToString());
    }

    private static JsonNode Write(string kind, JsonObject item, IncludeObject include = IncludeObject.Metadata, bool withColumns = true)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            TableWriter.Write(writer, Known.Kind(kind), [item], include, withColumns, new JsonObject { ["resourceVersion"] = "7" }, Now);
        }

        return JsonNode.Parse(bytes.WrittenSpan)!;
    }
}
