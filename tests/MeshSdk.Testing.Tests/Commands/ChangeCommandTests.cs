using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>The real kubectl changes objects that are there.</summary>
public sealed class ChangeCommandTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    private const string Weight = "get httproute split -o jsonpath={.spec.rules[0].backendRefs[0].weight}";

    [Fact]
    public async Task Labels_and_annotations_come_change_and_go()
    {
        var console = await session.OpenAsync();
        await console.Run("create configmap one");

        Assert.Equal("configmap/one labeled", await console.Run("label cm one tier=web"));
        Assert.Equal("error: 'tier' already has a value (web), and --overwrite is false", await console.Refused("label cm one tier=db"));
        Assert.Equal("configmap/one labeled", await console.Run("label cm one tier=db --overwrite"));
        Assert.Equal("db", await console.Run("get cm one -o jsonpath={.metadata.labels.tier}"));
        Assert.Equal("configmap/one unlabeled", await console.Run("label cm one tier-"));
        Assert.Equal("configmap/one annotated", await console.Run("annotate cm one note='two words'"));
        Assert.Equal("two words", await console.Run("get cm one -o jsonpath={.metadata.annotations.note}"));
        Assert.Equal("configmap/one annotated", await console.Run("annotate cm one note-"));
        Assert.Contains("a valid label must be an empty string or consist of", await console.Refused("label cm one tier=/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Custom_resources_are_patched_by_merge_and_by_json_patch()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Route());
        const string Hostnames = "patch httproute split --type merge -p '{\"spec\":{\"hostnames\":[\"b.example.com\"]}}'";

        Assert.Equal("httproute.gateway.networking.k8s.io/split patched", await console.Run(Hostnames));
        Assert.Equal("httproute.gateway.networking.k8s.io/split patched (no change)", await console.Run(Hostnames));
        await console.Run("patch httproute split --type json -p '[{\"op\":\"replace\",\"path\":\"/spec/rules/0/backendRefs/0/weight\",\"value\":55}]'");
        Assert.Equal("55", await console.Run(Weight));
        Assert.Contains(
            "testing value /spec/rules/0/backendRefs/0/weight failed",
            await console.Refused("patch httproute split --type json -p '[{\"op\":\"test\",\"path\":\"/spec/rules/0/backendRefs/0/weight\",\"value\":1}]'"),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "error: application/strategic-merge-patch+json is not supported by gateway.networking.k8s.io/v1, Kind=HTTPRoute",
            await console.Refused("patch httproute split -p '{\"spec\":{\"hostnames\":[]}}'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Built_in_lists_are_patched_item_by_item()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Service);

        await console.Run("patch svc backend -p '{\"spec\":{\"ports\":[{\"name\":\"admin\",\"port\":81}]}}'");
        Assert.Equal("80 81", string.Join(' ', (await console.Run("get svc backend -o jsonpath={.spec.ports[*].port}")).Split(' ').Order()));
        await console.Run("patch svc backend -p '{\"spec\":{\"ports\":[{\"port\":81,\"$patch\":\"delete\"}]}}'");
        Assert.Equal("80", await console.Run("get svc backend -o jsonpath={.spec.ports[*].port}"));
    }

    [Fact]
    public async Task A_status_and_the_rest_of_an_object_leave_each_other_alone()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.DestinationRule);
        const string Status = "{\"status\":{\"observedGeneration\":\"7\"},\"spec\":{\"host\":\"other\"}}";

        await console.Run($"patch dr backend --subresource=status --type merge -p '{Status}'");
        Assert.Equal("backend 7 1", await console.Run("get dr backend -o 'jsonpath={.spec.host} {.status.observedGeneration} {.metadata.generation}'"));
        await console.Run("patch dr backend --type merge -p '{\"status\":{\"observedGeneration\":\"8\"},\"spec\":{\"host\":\"other\"}}'");
        Assert.Equal("other 7 2", await console.Run("get dr backend --subresource=status -o 'jsonpath={.spec.host} {.status.observedGeneration} {.metadata.generation}'"));
    }

    [Fact]
    public async Task An_object_is_edited_and_an_edit_that_changes_nothing_sends_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "edits with sed");
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Route());
        Task<KubectlResult> Edit(string editor) =>
            console.Send("edit httproute split", environment: new Dictionary<string, string> { ["KUBE_EDITOR"] = editor });

        Assert.Equal("httproute.gateway.networking.k8s.io/split edited\n", (await Edit("sed -i s/weight:.90/weight:\\ 40/")).Succeeded());
        Assert.Equal("40", await console.Run(Weight));
        Assert.Contains("Edit cancelled, no changes made", (await Edit("true")) is var same ? same.Output + same.Error : "", StringComparison.Ordinal);
        Assert.Contains("\"split\" is invalid", (await Edit("sed -i s/weight:.40/weight:\\ -4/")).Error, StringComparison.Ordinal);
        Assert.Equal("40", await console.Run(Weight));
    }

    [Fact]
    public async Task An_object_is_replaced_unless_somebody_was_faster()
    {
        var console = await session.OpenAsync();
        await console.Run("create -f -", Manifests.Route());
        var read = await console.Run("get httproute split -o yaml");

        Assert.Equal("httproute.gateway.networking.k8s.io/split replaced", await console.Run("replace -f -", read.Replace("weight: 90", "weight: 41", StringComparison.Ordinal)));
        Assert.Equal(
            "Error from server (Conflict): error when replacing \"STDIN\": Operation cannot be fulfilled on httproutes.gateway.networking.k8s.io \"split\": " +
            "the object has been modified; please apply your changes to the latest version and try again",
            await console.Refused("replace -f -", read.Replace("weight: 90", "weight: 42", StringComparison.Ordinal)));
        Assert.Equal("41", await console.Run(Weight));
        Assert.Contains("split replaced", await console.Run("replace --force -f -", Manifests.Route(43)), StringComparison.Ordinal);
        Assert.Equal("43 1", await console.Run("get httproute split -o 'jsonpath={.spec.rules[0].backendRefs[0].weight} {.metadata.generation}'"));
    }

    [Fact]
    public async Task A_workload_gets_another_image_and_a_restart_although_nothing_runs_it()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Deployment);

        Assert.Equal("deployment.apps/backend image updated", await console.Run("set image deploy/backend main=backend:2"));
        Assert.Equal("deployment.apps/backend restarted", await console.Run("rollout restart deploy/backend"));
        Assert.Equal("3 backend:2", await console.Run("get deploy backend -o 'jsonpath={.metadata.generation} {.spec.template.spec.containers[0].image}'"));
        Assert.Contains("the server could not find the requested resource", await console.Refused("scale deploy/backend --replicas=3"), StringComparison.Ordinal);
    }
}
