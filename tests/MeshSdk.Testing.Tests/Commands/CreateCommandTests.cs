using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>What the real kubectl creates from its arguments, which newer ones send in protobuf.</summary>
public sealed class CreateCommandTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    [Theory]
    [InlineData("configmap one --from-literal=a=b", "configmap/one created", "cm one", "{.data.a}", "b")]
    [InlineData("secret generic one --from-literal=a=b", "secret/one created", "secret one", "{.type} {.data.a}", "Opaque Yg==")]
    [InlineData("serviceaccount one", "serviceaccount/one created", "sa one", "{.metadata.name}", "one")]
    [InlineData("service clusterip one --tcp=80:8080", "service/one created", "svc one", "{.spec.type} {.spec.ports[0].port} {.spec.ports[0].targetPort}", "ClusterIP 80 8080")]
    [InlineData("service clusterip one --clusterip=None", "service/one created", "svc one", "{.spec.clusterIP}", "None")]
    [InlineData("service nodeport one --tcp=80:http", "service/one created", "svc one", "{.spec.type} {.spec.ports[0].targetPort}", "NodePort http")]
    [InlineData("service loadbalancer one --tcp=80:8080", "service/one created", "svc one", "{.spec.type} {.spec.allocateLoadBalancerNodePorts}", "LoadBalancer true")]
    [InlineData("service externalname one --external-name=example.com", "service/one created", "svc one", "{.spec.externalName}{.spec.clusterIP}", "example.com")]
    [InlineData("role one --verb=get,list --resource=httproutes.gateway.networking.k8s.io", "role.rbac.authorization.k8s.io/one created", "role one", "{.rules[0].apiGroups[0]} {.rules[0].verbs[*]}", "gateway.networking.k8s.io get list")]
    [InlineData("rolebinding one --role=one --serviceaccount=a:b", "rolebinding.rbac.authorization.k8s.io/one created", "rolebinding one", "{.roleRef.name} {.subjects[0].namespace}/{.subjects[0].name}", "one a/b")]
    [InlineData("clusterrole one --verb=get --resource=nodes", "clusterrole.rbac.authorization.k8s.io/one created", "clusterrole one", "{.rules[0].resources[0]}", "nodes")]
    [InlineData("clusterrolebinding one --clusterrole=one --user=somebody", "clusterrolebinding.rbac.authorization.k8s.io/one created", "clusterrolebinding one", "{.subjects[0].kind} {.subjects[0].name}", "User somebody")]
    [InlineData("deployment one --image=one:1 --replicas=0 --port=80", "deployment.apps/one created", "deploy one", "{.spec.replicas} {.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].ports[0].containerPort}", "0 one:1 80")]
    public async Task An_object_is_what_the_command_says(string command, string told, string which, string path, string expected)
    {
        var console = await session.OpenAsync();

        Assert.Equal(told, await console.Run("create " + command));
        Assert.Equal(expected, await console.Run($"get {which} -o 'jsonpath={path}'"));
    }

    [Fact]
    public async Task A_namespace_is_created_with_its_label_and_its_defaults()
    {
        var console = await session.OpenAsync();

        Assert.Equal("namespace/fresh created", await console.Run("create ns fresh"));
        Assert.Equal("Error from server (AlreadyExists): namespaces \"fresh\" already exists", await console.Refused("create ns fresh"));
        Assert.Equal("fresh Active", await console.Run("get ns fresh -o 'jsonpath={.metadata.labels.kubernetes\\.io/metadata\\.name} {.status.phase}'"));
        await console.Run("wait -n fresh sa/default --for=jsonpath={.metadata.name}=default --timeout=10s");
    }

    [Fact]
    public async Task A_pod_and_a_service_for_it_are_made_by_run_and_expose()
    {
        var console = await session.OpenAsync();

        Assert.Equal("pod/one created", await console.Run("run one --image=one:1 --labels=app=one --port=80"));
        Assert.Equal("service/one exposed", await console.Run("expose pod one"));
        Assert.Equal("app=one", await console.Run("get svc one -o 'jsonpath=app={.spec.selector.app}'"));
    }

    [Fact]
    public async Task Names_are_generated()
    {
        var console = await session.OpenAsync();

        var created = await console.Run("create -f -", "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: one-}");
        Assert.Matches("^configmap/one-[a-z0-9]{5} created$", created);
    }

    [Fact]
    public async Task A_token_is_issued_to_a_service_account_and_works()
    {
        var console = await session.OpenAsync();
        await console.Run("create serviceaccount robot");

        var token = await console.Run("create token robot --duration=20m");
        Assert.Contains(
            $"system:serviceaccount:{console.Namespace}:robot", await console.Run($"auth whoami --kubeconfig=/dev/null --server={session.Cluster.Address} --insecure-skip-tls-verify --token={token}"),
            StringComparison.Ordinal);

        // What stands in the brackets behind it depends on which request of the command met the refusal.
        Assert.Contains(
            "error: You must be logged in to the server",
            await console.Refused($"get pods --kubeconfig=/dev/null --server={session.Cluster.Address} --insecure-skip-tls-verify --token=nonsense"),
            StringComparison.Ordinal);
        Assert.Equal("error: failed to create token: serviceaccounts \"nobody\" not found", await console.Refused("create token nobody"));
    }

    [Fact]
    public async Task What_the_server_does_not_have_is_said_so()
    {
        var console = await session.OpenAsync();

        Assert.Contains("the server could not find the requested resource", await console.Refused("create job one --image=one"), StringComparison.Ordinal);
    }
}
