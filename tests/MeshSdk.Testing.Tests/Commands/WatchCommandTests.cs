using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>The real kubectl waits for objects, and watches them.</summary>
public sealed class WatchCommandTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    private const string Accepted = """
        {"status":{"parents":[{"parentRef":{"group":"","kind":"Service","name":"backend"},"controllerName":"example.com/mesh","conditions":
          [{"type":"Accepted","status":"True","reason":"Accepted","message":"","lastTransitionTime":"2030-01-01T00:00:00Z"}]}]}}
        """;

    [Fact]
    public async Task A_wait_ends_when_what_it_waits_for_comes_true()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Route());

        var waiting = console.Run("wait httproute/split --for=jsonpath={.status.parents[0].conditions[0].status}=True --timeout=20s");
        await WatchedAsync("httproutes", console.Namespace);
        await console.Run($"patch httproute split --subresource=status --type merge -p '{Accepted}'");
        Assert.Equal("httproute.gateway.networking.k8s.io/split condition met", await waiting);
    }

    [Fact]
    public async Task A_wait_for_a_condition_is_over_at_once_where_it_holds()
    {
        var console = await session.OpenAsync();
        await using var pod = await session.Cluster.AddPodAsync(
            console.Namespace, "one", new Dictionary<string, string>(), new(System.Net.IPAddress.Loopback, 4711));

        Assert.Equal("pod/one condition met", await console.Run("wait pod/one --for=condition=Ready --timeout=10s"));
        Assert.Equal(
            "error: timed out waiting for the condition on pods/one", await console.Refused("wait pod/one --for=condition=Ready=False --timeout=100ms"));
    }

    [Fact]
    public async Task A_wait_for_an_end_sees_it()
    {
        var console = await session.OpenAsync();
        await console.Run("create cm one");

        var waiting = console.Run("wait cm/one --for=delete --timeout=20s");
        await WatchedAsync("configmaps", console.Namespace);
        Assert.True(await session.Cluster.DeleteAsync("configmap", console.Namespace, "one"));
        await waiting;
        Assert.Equal("", await console.Run("wait cm/one --for=delete --timeout=1s"));
    }

    [Fact]
    public async Task A_watch_prints_every_change()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Route());
        using var process = session.Program.Start("get", "httproutes", "-n", console.Namespace, "-w", "--output-watch-events");
        try
        {
            var lines = process.StandardOutput;
            Assert.Equal(["EVENT", "NAME", "HOSTNAMES", "AGE"], KubectlConsole.Cells((await lines.ReadLineAsync())!));
            Assert.Equal(["ADDED", "split", "[\"a.example.com\"]"], KubectlConsole.Cells((await lines.ReadLineAsync())!)[..3]);
            await session.Cluster.PatchAsync("httproute", console.Namespace, "split", """{"spec":{"hostnames":["b.example.com"]}}""");
            Assert.Equal(["MODIFIED", "split", "[\"b.example.com\"]"], KubectlConsole.Cells((await lines.ReadLineAsync())!)[..3]);
            await session.Cluster.DeleteAsync("httproute", console.Namespace, "split");
            Assert.Equal(["DELETED", "split", "[\"b.example.com\"]"], KubectlConsole.Cells((await lines.ReadLineAsync())!)[..3]);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The command has seen what there is and now looks out for changes.</summary>
    private async Task WatchedAsync(string plural, string ns)
    {
        var limit = TestContext.Current.CancellationToken;
        while (!session.Cluster.ActiveWatches.Any(watch => watch.Resource == plural && watch.Namespace == ns))
        {
            await Task.Delay(10, limit);
        }
    }
}
