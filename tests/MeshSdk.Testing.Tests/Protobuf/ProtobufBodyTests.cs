using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Protobuf;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Protobuf;

public sealed class ProtobufBodyTests
{
    [Theory]
    [InlineData("create namespace demo", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"demo"}}""")]
    [InlineData("create configmap a -n demo --from-literal=k=v", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"demo"},"data":{"k":"v"}}""")]
    [InlineData("create secret generic a -n demo --from-literal=k=v", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"demo"},"data":{"k":"dg=="}}""")]
    [InlineData("create serviceaccount a -n demo", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"a","namespace":"demo"}}""")]
    [InlineData("create service clusterip a -n demo --tcp=80:http", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"a","namespace":"demo","labels":{"app":"a"}},"spec":{"ports":[{"name":"80-http","protocol":"TCP","port":80,"targetPort":"http"}],"selector":{"app":"a"},"type":"ClusterIP"}}""")]
    [InlineData("create service nodeport a -n demo --tcp=80:8080 --node-port=30080", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"a","namespace":"demo","labels":{"app":"a"}},"spec":{"ports":[{"name":"80-8080","protocol":"TCP","port":80,"targetPort":8080,"nodePort":30080}],"selector":{"app":"a"},"type":"NodePort"}}""")]
    [InlineData("create service externalname a -n demo --external-name=b", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"a","namespace":"demo","labels":{"app":"a"}},"spec":{"selector":{"app":"a"},"type":"ExternalName","externalName":"b"}}""")]
    [InlineData("create clusterrole a --verb=get --non-resource-url=/metrics", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"a"},"rules":[{"verbs":["get"],"nonResourceURLs":["/metrics"]}]}""")]
    [InlineData("create rolebinding a -n demo --clusterrole=view --serviceaccount=demo:client", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"a","namespace":"demo"},"subjects":[{"kind":"ServiceAccount","name":"client","namespace":"demo"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"}}""")]
    [InlineData("create token client -n demo --audience=istio-ca --duration=10m", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["istio-ca"],"expirationSeconds":600}}""")]
    [InlineData("auth can-i get /metrics", """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"nonResourceAttributes":{"path":"/metrics","verb":"get"}}}""")]
    [InlineData("auth whoami", """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""")]
    public async Task What_kubectl_sends_is_read(string command, string expected)
    {
        using var kubectl = Kubectl.Require();
        await using var capture = await BodyCapture.Start();
        await kubectl.Run(["--server=" + capture.Url, .. command.Split(' ')]);

        Assert.True(capture.Body is not null, "kubectl has sent no body");
        var sent = capture.IsProtobuf ? ProtobufBody.Decode(capture.Body) : JsonNode.Parse(capture.Body)!.AsObject();
        if (!capture.IsProtobuf)
        {
            Assert.Skip("this kubectl sends JSON");
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), sent), sent.ToJsonString());
    }

    [Fact]
    public void A_kind_that_is_not_known_is_told_what_to_do_instead()
    {
        byte[] message = [.. "k8s\0"u8, 0x0a, 0x0a, 0x0a, 0x02, .. "v1"u8, 0x12, 0x04, .. "Frob"u8];
        var error = Assert.Throws<ApiException>(() => ProtobufBody.Decode(message));
        Assert.Equal(415, error.Code);
        Assert.Contains("kubectl create -f", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_arrives_is_read_or_refused()
    {
        var kind = Encoding.UTF8.GetBytes("Service");
        Gen.Byte.Array[0, 60].Sample(
            raw =>
            {
                byte[] body = [.. "k8s\0"u8, 0x0a, (byte)(kind.Length + 2), 0x12, (byte)kind.Length, .. kind, 0x12, (byte)raw.Length, .. raw];
                try
                {
                    Assert.Equal("Service", ProtobufBody.Decode(body)["kind"]!.ToString());
                }
                catch (ApiException refusal)
                {
                    Assert.Equal(400, refusal.Code);
                }
            },
            iter: 20_000);
        Assert.Equal(400, Assert.Throws<ApiException>(() => ProtobufBody.Decode("{}"u8.ToArray())).Code);
    }
}
