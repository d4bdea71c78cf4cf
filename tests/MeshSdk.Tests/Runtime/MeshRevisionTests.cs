namespace MeshSdk.Tests.Runtime;

public sealed class MeshRevisionTests
{
    private const string Service =
        """
        apiVersion: v1
        kind: Service
        metadata: { name: backend, namespace: default }
        spec: { ports: [{ port: 80 }] }
        """;

    [Fact]
    public async Task The_revision_grows_when_a_change_is_in_force()
    {
        var manifests = new InMemorySource();
        manifests.Apply(Service);
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = manifests });
        var before = mesh.Revision;
        Assert.True(before > 0);

        manifests.Apply(Service.Replace("80", "81", StringComparison.Ordinal));

        Assert.True(SpinWait.SpinUntil(() => mesh.Revision > before, TimeSpan.FromSeconds(60)));
        using var client = mesh.CreateClient();
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, (await client.GetAsync("http://backend:81")).StatusCode);
    }
}
