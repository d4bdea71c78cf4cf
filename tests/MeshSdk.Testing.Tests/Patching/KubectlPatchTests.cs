using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Patching;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Patching;

/// <summary>
/// <c>kubectl patch --local</c> computes a patch without a server, with the code that a server has: what it makes of an object is what we are to make of
/// it. Strategic patches it does for the kinds that it is built with; the others only with the other two types.
/// </summary>
public sealed class KubectlPatchTests
{
    private const string Service = """
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"a","finalizers":["x","w","v"],"labels":{"a":"1","b":"2"},"ownerReferences":[{"apiVersion":"v1","kind":"K","name":"n","uid":"u"}]},
         "spec":{"selector":{"app":"x"},"ports":[{"name":"a","port":80},{"name":"b","port":81,"nodePort":30000},{"name":"c","port":82}],"clusterIPs":["10.0.0.1"]}}
        """;

    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}},"selector":{"matchLabels":{"app":"x"}},
         "template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"one","image":"i:1","args":["a"],"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],
         "ports":[{"containerPort":80},{"containerPort":81}],"volumeMounts":[{"mountPath":"/a","name":"v"}]},{"name":"two","image":"j"}],"tolerations":[{"key":"a"}],
         "imagePullSecrets":[{"name":"s"}],"volumes":[{"name":"v","emptyDir":{}}]}}}}
        """;

    private const string Route = """
        {"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":"a"},
         "spec":{"parentRefs":[{"name":"backend"}],"rules":[{"name":"r","backendRefs":[{"name":"v1","weight":90},{"name":"v2","weight":10}]}]}}
        """;

    [Theory]
    [InlineData(Service, "strategic", """{"spec":{"ports":[{"port":81,"targetPort":8080}]}}""")]
    [InlineData(Service, "strategic", """{"spec":{"ports":[{"port":81,"$patch":"delete"},{"port":90,"name":"n","protocol":null}]}}""")]
    [InlineData(Service, "strategic", """{"spec":{"ports":[{"$patch":"replace"},{"port":9}]}}""")]
    [InlineData(Service, "strategic", """{"spec":{"ports":[{"port":9},{"port":80}],"$setElementOrder/ports":[{"port":82},{"port":9},{"port":80}]}}""")]
    [InlineData(Service, "strategic", """{"spec":{"$setElementOrder/ports":[{"port":82},{"port":80}]}}""")]
    [InlineData(Service, "strategic", """{"spec":{"ports":[{"port":81,"nodePort":null}],"selector":{"$patch":"replace","app":"y"},"clusterIPs":["None"]}}""")]
    [InlineData(Service, "strategic", """{"spec":{"selector":{"version":"2","app":null}}}""")]
    [InlineData(Service, "strategic", """{"spec":{"$patch":"delete"}}""")]
    [InlineData(Service, "strategic", """{"spec":{"$retainKeys":["ports"],"ports":[{"port":80,"name":"z"}]}}""")]
    [InlineData(Service, "strategic", """{"metadata":{"finalizers":["z","x"]}}""")]
    [InlineData(Service, "strategic", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["x"],"$setElementOrder/finalizers":["q","w"],"finalizers":["q"]}}""")]
    [InlineData(Service, "strategic", """{"metadata":{"labels":null,"annotations":{"a":"b","c":null},"ownerReferences":[{"uid":"u2","name":"m"},{"uid":"u","kind":"L"}]}}""")]
    [InlineData(Service, "strategic", """{"status":{"loadBalancer":{"ingress":[{"ip":"1.1.1.1","hostname":null}]}}}""")]
    [InlineData(Deployment, "strategic", """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""")]
    [InlineData(Deployment, "strategic", """{"spec":{"template":{"spec":{"containers":[{"name":"one","image":"i:2","args":["b"],"env":[{"name":"B","value":null},{"name":"C","value":"3"}]}]}}}}""")]
    [InlineData(Deployment, "strategic", """{"spec":{"template":{"spec":{"containers":[{"name":"one","ports":[{"containerPort":81,"name":"x"},{"containerPort":82}],"volumeMounts":[{"mountPath":"/b","name":"v"}]}]}}}}""")]
    [InlineData(Deployment, "strategic", """{"spec":{"template":{"spec":{"tolerations":[{"key":"b"}],"imagePullSecrets":[{"name":"t"}],"volumes":[{"name":"v","$retainKeys":["name","secret"],"secret":{"secretName":"s"}}],"containers":[{"name":"two","$patch":"delete"}]}}}}""")]
    [InlineData(Route, "merge", """{"spec":{"rules":[null,{"name":null,"x":{"y":null}}],"parentRefs":null,"a":{"b":null,"c":[{"d":null}]}}}""")]
    [InlineData(Route, "merge", """{"spec":{"rules":{"a":1}},"metadata":{"labels":{"a":"b"}}}""")]
    [InlineData(Route, "json", """[{"op":"replace","path":"/spec/rules/0/backendRefs/0/weight","value":50},{"op":"replace","path":"/spec/rules/0/backendRefs/1/weight","value":50}]""")]
    [InlineData(Route, "json", """[{"op":"test","path":"/spec/zz","value":null},{"op":"add","path":"/spec/rules/-","value":{}},{"op":"add","path":"/spec/rules/0","value":{"a":"b"}},{"op":"remove","path":"/spec/rules/1/name"}]""")]
    [InlineData(Route, "json", """[{"op":"copy","from":"/spec/rules/0","path":"/spec/rules/1"},{"op":"move","from":"/spec/rules/0/name","path":"/spec/rules/1/x"},{"op":"replace","path":"/spec/q","value":1}]""")]
    [InlineData(Route, "json", """[{"op":"add","path":"/spec/rules/-1","value":1},{"op":"add","path":"/metadata/annotations","value":{"a/b":"~"}},{"op":"replace","path":"/metadata/annotations/a~1b","value":"c"}]""")]
    [InlineData(Service, "strategic", """{"spec":{"ports":[{"name":"no key"}]}}""")]
    [InlineData(Service, "strategic", """{"spec":{"ports":[{"$patch":"merge","port":82}]}}""")]
    [InlineData(Service, "strategic", """{"spec":{"$patch":"merge","type":"NodePort"}}""")]
    [InlineData(Route, "strategic", """{"spec":{"rules":null}}""")]
    [InlineData(Route, "json", """[{"op":"remove","path":"/spec/zz"}]""")]
    [InlineData(Route, "json", """[{"op":"add","path":"/spec/zz/y","value":1}]""")]
    [InlineData(Route, "json", """[{"op":"add","path":"/spec/rules/7","value":1}]""")]
    [InlineData(Route, "json", """[{"op":"test","path":"/spec/rules/0/name","value":"other"}]""")]
    public async Task A_patch_makes_of_an_object_what_kubectl_makes_of_it(string content, string type, string patch)
    {
        using var kubectl = Kubectl.Require();
        await Compare(kubectl, content, type, patch);
    }

    [Fact]
    public void Patches_of_all_sorts_do_as_in_kubectl()
    {
        using var kubectl = Kubectl.Require();
        Patches.Sample(patch => Compare(kubectl, Service, "strategic", patch).GetAwaiter().GetResult(), iter: 25, threads: 1);
    }

    private static Gen<string> Patches
    {
        get
        {
            var port = Gen.Int[79, 84];
            var item = Gen.Select(port, Const("\"name\":\"n\"", "\"name\":null", "\"$patch\":\"delete\"", "\"nodePort\":3"), (number, rest) => $$"""{"port":{{number}},{{rest}}}""");
            var finalizer = Const("x", "w", "v", "u", "t").Select(name => $"\"{name}\"");
            var ports = List(item, 4).Select(items => $"\"ports\":[{items}]");
            var order = List(port.Select(number => $$"""{"port":{{number}}}"""), 3);
            var spec = Gen.OneOf(ports, order.Select(items => $"\"$setElementOrder/ports\":[{items}]"), Gen.Const("\"selector\":{\"a\":\"b\",\"app\":null}"));
            var metadata = Gen.OneOf(
                List(finalizer, 3).Select(items => $"\"finalizers\":[{items}]"),
                List(finalizer, 3).Select(items => $"\"$deleteFromPrimitiveList/finalizers\":[{items}]"),
                Gen.Const("\"labels\":{\"$patch\":\"replace\",\"c\":\"3\"}"));
            return Gen.Select(spec, metadata, (first, second) => "{\"spec\":{" + first + "},\"metadata\":{" + second + "}}");
        }
    }

    private static Gen<string> Const(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(at => texts[at]);

    private static Gen<string> List(Gen<string> item, int most) =>
        item.Array[1, most].Select(items => string.Join(',', items.DistinctBy(text => text.Split(',')[0])));

    private static async Task Compare(Kubectl kubectl, string content, string type, string patch)
    {
        var result = await kubectl.Run(content, ["patch", "--local", "-f", "-", "--type=" + type, "-p", patch, "-o", "json"]);
        var current = JsonNode.Parse(content)!.AsObject();
        var mediaType = type switch
        {
            "json" => ObjectPatch.Json,
            "merge" => ObjectPatch.Merge,
            _ => ObjectPatch.Strategic,
        };
        if (result.ExitCode != 0)
        {
            Assert.Throws<ApiException>(() => ObjectPatch.Apply(Known.KindOf(current), mediaType, current, Encoding.UTF8.GetBytes(patch)));
            return;
        }

        var actual = ObjectPatch.Apply(Known.KindOf(current), mediaType, current, Encoding.UTF8.GetBytes(patch));
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(result.Output), actual),
            $"{patch}\nkubectl {result.Output}\nserver {actual.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true })}");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(content), current), "the object that was patched has changed");
    }
}
