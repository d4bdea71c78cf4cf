using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>The real kubectl on a cluster that enforces RBAC.</summary>
public sealed class AccessCommandTests(GuardedKubectlSession session) : IClassFixture<GuardedKubectlSession>
{
    [Fact]
    public async Task A_role_lets_somebody_do_what_it_says_and_nothing_else()
    {
        var console = await session.OpenAsync();
        var robot = $"--as=system:serviceaccount:{console.Namespace}:robot";
        await console.Run("create serviceaccount robot");
        var refusal = await console.Refused($"get httproutes {robot}");
        await console.Run("create role reader --verb=get,list,watch --resource=httproutes.gateway.networking.k8s.io");
        await console.Run($"create rolebinding robot --role=reader --serviceaccount={console.Namespace}:robot");

        Assert.Equal(
            $"Error from server (Forbidden): httproutes.gateway.networking.k8s.io is forbidden: User \"system:serviceaccount:{console.Namespace}:robot\" " +
            $"cannot list resource \"httproutes\" in API group \"gateway.networking.k8s.io\" in the namespace \"{console.Namespace}\"",
            refusal);
        Assert.Equal("", await console.Run($"get httproutes {robot} -o name"));
        Assert.StartsWith(
            "Error from server (Forbidden): error when creating \"STDIN\": httproutes.gateway.networking.k8s.io is forbidden:",
            await console.Refused($"create {robot} -f -", Manifests.Route()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everybody_may_ask_what_they_may()
    {
        var console = await session.OpenAsync();
        var robot = $"--as=system:serviceaccount:{console.Namespace}:robot";
        await console.Run("create role reader --verb=get --resource=configmaps --resource-name=one");
        await console.Run($"create rolebinding robot --role=reader --serviceaccount={console.Namespace}:robot");

        Assert.Equal("yes", await console.Run("auth can-i delete pods"));
        Assert.Equal("yes", await console.Run($"auth can-i get configmaps/one {robot}"));
        var other = await console.Send($"auth can-i get configmaps/two {robot}");
        Assert.Equal((1, "no\n"), (other.ExitCode, other.Output));
        var rules = await console.Table($"auth can-i --list {robot} --no-headers");
        Assert.Contains(rules, row => row is ["configmaps", "[]", "[one]", "[get]"]);
        Assert.Contains(rules, row => row is ["selfsubjectreviews.authentication.k8s.io", "[]", "[]", "[create]"]);
        Assert.Contains("kubernetes-admin", await console.Run("auth whoami"), StringComparison.Ordinal);
        Assert.Contains("robot", await console.Run("auth whoami " + robot), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_acts_as_another_without_being_allowed_to()
    {
        var console = await session.OpenAsync();
        await console.Run("create serviceaccount robot");
        var token = await console.Run("create token robot");

        // kubectl keeps what discovery says; where it has to ask for that first, it is told of the refusal there, and does not pass the words on.
        await console.Run("get pods");

        Assert.Contains(
            $"User \"system:serviceaccount:{console.Namespace}:robot\" cannot impersonate resource \"users\"",
            await console.Refused($"get pods --as=admin --kubeconfig=/dev/null --server={session.Cluster.Address} --insecure-skip-tls-verify --token={token}"),
            StringComparison.Ordinal);
    }
}
