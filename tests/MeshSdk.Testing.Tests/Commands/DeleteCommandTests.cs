using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>The real kubectl deletes objects. Newer ones also tell from which namespace, so that only the beginning of the sentence is compared.</summary>
public sealed class DeleteCommandTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    [Fact]
    public async Task Objects_go_by_name_by_label_by_file_and_all_together()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.All);
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            await console.Run("create cm " + name);
        }

        await console.Run("label cm b tier=web");
        Assert.StartsWith("configmap \"a\" deleted", await console.Run("delete cm a"), StringComparison.Ordinal);
        Assert.Equal("Error from server (NotFound): configmaps \"a\" not found", await console.Refused("delete cm a"));
        Assert.Equal("", await console.Run("delete cm a --ignore-not-found"));
        Assert.StartsWith("configmap \"b\" deleted", await console.Run("delete cm -l tier=web"), StringComparison.Ordinal);
        Assert.Contains("(server dry run)", await console.Run("delete cm c --dry-run=server"), StringComparison.Ordinal);
        Assert.Equal(3, (await console.Run("delete cm --all")).Split('\n').Length);
        Assert.Contains("httproute.gateway.networking.k8s.io \"split\" deleted", await console.Run("delete -f -", Manifests.All), StringComparison.Ordinal);
        Assert.Equal("", await console.Run("get httproute,dr,svc,deploy -o name"));
    }

    [Fact]
    public async Task A_finalizer_keeps_an_object_until_it_is_taken_away()
    {
        var console = await session.OpenAsync();
        await console.Run("create cm one");
        await console.Run("patch cm one --type merge -p '{\"metadata\":{\"finalizers\":[\"example.com/wait\"]}}'");

        await console.Run("delete cm one --wait=false");
        Assert.Matches("^20..-..-..T..:..:..Z$", await console.Run("get cm one -o jsonpath={.metadata.deletionTimestamp}"));
        Assert.Contains("timed out waiting for the condition on configmaps/one", await console.Refused("delete cm one --timeout=100ms"), StringComparison.Ordinal);
        Assert.Contains(
            "no new finalizers can be added if the object is being deleted",
            await console.Refused("patch cm one --type merge -p '{\"metadata\":{\"finalizers\":[\"example.com/wait\",\"example.com/more\"]}}'"), StringComparison.Ordinal);
        await console.Run("patch cm one --type merge -p '{\"metadata\":{\"finalizers\":null}}'");
        Assert.Equal("", await console.Run("get cm one --ignore-not-found"));
    }

    [Fact]
    public async Task A_pod_goes_at_once_when_it_is_forced_to()
    {
        var console = await session.OpenAsync();
        await console.Run("run one --image=one");

        Assert.StartsWith("pod \"one\" force deleted", await console.Run("delete pod one --grace-period=0 --force"), StringComparison.Ordinal);
        Assert.Equal("", await console.Run("get pods -o name"));
    }

    [Fact]
    public async Task A_namespace_goes_with_all_that_is_in_it()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.All);

        Assert.Equal($"namespace \"{console.Namespace}\" deleted", await console.Run("delete ns " + console.Namespace));
        Assert.Equal($"Error from server (NotFound): namespaces \"{console.Namespace}\" not found", await console.Refused("get ns " + console.Namespace));
        Assert.Equal("", await console.Run("get httproute,dr,svc,deploy,cm,sa,endpointslices -o name"));
        Assert.EndsWith(
            "Error from server (Forbidden): namespaces \"default\" is forbidden: this namespace may not be deleted",
            await console.Refused("delete ns default"), StringComparison.Ordinal);
    }
}
