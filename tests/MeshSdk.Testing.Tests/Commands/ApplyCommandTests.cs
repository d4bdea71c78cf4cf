using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>The real kubectl applies manifests, by its own merge and by the server's.</summary>
public sealed class ApplyCommandTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    [Fact]
    public async Task Applied_objects_are_created_then_unchanged_then_configured()
    {
        var console = await session.OpenAsync();

        Assert.Equal(
            "httproute.gateway.networking.k8s.io/split created\ndestinationrule.networking.istio.io/backend created\n" +
            "service/backend created\ndeployment.apps/backend created",
            await console.Run("apply -f -", Manifests.All));

        // Whatever is in a list that the server has completed is configured time and again, on any cluster.
        Assert.Equal(
            "httproute.gateway.networking.k8s.io/split configured\ndestinationrule.networking.istio.io/backend unchanged\n" +
            "service/backend unchanged\ndeployment.apps/backend unchanged",
            await console.Run("apply -f -", Manifests.All));
        Assert.Equal("httproute.gateway.networking.k8s.io/split configured", await console.Run("apply -f -", Manifests.Route(50)));
        Assert.Equal("50", await console.Run("get httproute split -o jsonpath={.spec.rules[0].backendRefs[0].weight}"));
        Assert.Equal("2", await console.Run("get httproute split -o jsonpath={.metadata.generation}"));
    }

    [Fact]
    public async Task What_leaves_a_manifest_leaves_the_object_and_what_others_have_set_stays()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Service);
        await console.Run("patch svc backend -p '{\"spec\":{\"ports\":[{\"name\":\"admin\",\"port\":81}]}}'");
        await console.Run("annotate svc backend who=me");
        await console.Run("apply -f -", Manifests.Service.Replace("port: 80,", "port: 82,", StringComparison.Ordinal));

        Assert.Equal("81 82", string.Join(' ', (await console.Run("get svc backend -o jsonpath={.spec.ports[*].port}")).Split(' ').Order()));
        Assert.Equal("me", await console.Run("get svc backend -o jsonpath={.metadata.annotations.who}"));
    }

    [Fact]
    public async Task Server_side_apply_stops_at_the_fields_of_others_until_it_is_forced()
    {
        var console = await session.OpenAsync();
        Assert.Equal(
            "httproute.gateway.networking.k8s.io/split serverside-applied", await console.Run("apply --server-side --field-manager=flux -f -", Manifests.Route()));

        var conflict = await console.Refused("apply --server-side -f -", Manifests.Route(50));
        Assert.StartsWith(
            "error: Apply failed with 1 conflict: conflict with \"flux\": .spec.rules\nPlease review the fields above--they currently have other managers.",
            conflict, StringComparison.Ordinal);
        await console.Run("apply --server-side --force-conflicts -f -", Manifests.Route(50));
        Assert.Equal("50", await console.Run("get httproute split -o jsonpath={.spec.rules[0].backendRefs[0].weight}"));

        // Now the other one meets it, while those that agree share a field.
        Assert.Contains(
            "conflict with \"kubectl\": .spec.rules", await console.Refused("apply --server-side --field-manager=flux -f -", Manifests.Route()), StringComparison.Ordinal);
        await console.Run("apply --server-side --field-manager=argo -f -", Manifests.Route(50)[..Manifests.Route(50).IndexOf("  rules:", StringComparison.Ordinal)]);
        Assert.Contains("manager: argo", await console.Run("get httproute split -o yaml --show-managed-fields"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_side_apply_tells_who_has_written_otherwise()
    {
        var console = await session.OpenAsync();
        await console.Run("apply --server-side -f -", Manifests.Deployment);
        await console.Run("patch deploy backend -p '{\"spec\":{\"replicas\":5}}'");

        Assert.StartsWith(
            "error: Apply failed with 1 conflict: conflict with \"kubectl-patch\" using apps/v1: .spec.replicas\n",
            await console.Refused("apply --server-side -f -", Manifests.Deployment), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_applied_the_old_way_goes_over_to_server_side_apply()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.All);

        Assert.Equal(
            "httproute.gateway.networking.k8s.io/split serverside-applied\ndestinationrule.networking.istio.io/backend serverside-applied\n" +
            "service/backend serverside-applied\ndeployment.apps/backend serverside-applied",
            await console.Run("apply --server-side -f -", Manifests.All));

        // Nobody holds on to a field that the manifest no longer has.
        await console.Run("apply --server-side -f -", Manifests.Route().Replace("  hostnames: [a.example.com]\n", "", StringComparison.Ordinal));
        Assert.Equal("", await console.Run("get httproute split -o jsonpath={.spec.hostnames}"));
        Assert.DoesNotContain(
            "kubectl-client-side-apply", await console.Run("get httproute split -o yaml --show-managed-fields"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_goes_all_the_way_and_changes_nothing()
    {
        var console = await session.OpenAsync();

        Assert.Equal("httproute.gateway.networking.k8s.io/split created (server dry run)", await console.Run("apply --dry-run=server -f -", Manifests.Route()));
        Assert.Contains("weight: Invalid value: -1", await console.Refused("apply --dry-run=server -f -", Manifests.Route(-1)), StringComparison.Ordinal);
        Assert.Equal("", await console.Run("get httproute -o name"));

        // It has not come to be, and so has no version.
        var shown = await console.Run("create cm shown --dry-run=server -o yaml");
        Assert.Contains("uid: ", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("resourceVersion", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_is_shown_and_told_by_the_exit_code()
    {
        var console = await session.OpenAsync();
        await console.Run("apply --server-side -f -", Manifests.Route());

        Assert.Equal("", await console.Run("diff --server-side -f -", Manifests.Route()));
        var differing = await console.Send("diff --server-side -f -", Manifests.Route(50));
        Assert.Equal(1, differing.ExitCode);
        Assert.Contains("\n-      weight: 90\n+      weight: 50\n", differing.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("\n-  generation: 1\n+  generation: 2\n", differing.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal("90", await console.Run("get httproute split -o jsonpath={.spec.rules[0].backendRefs[0].weight}"));
    }

    [Fact]
    public async Task Unknown_fields_are_refused_warned_of_or_dropped()
    {
        var console = await session.OpenAsync();
        var manifest = Manifests.Route().Replace("  rules:", "  rulez: 1\n  rules:", StringComparison.Ordinal);

        Assert.Equal(
            "Error from server (BadRequest): error when creating \"STDIN\": HTTPRoute in version \"v1\" cannot be handled as a HTTPRoute: strict decoding error: unknown field \"spec.rulez\"",
            await console.Refused("apply -f -", manifest));
        Assert.Contains("strict decoding error: unknown field \"spec.rulez\"", await console.Refused("apply --server-side -f -", manifest), StringComparison.Ordinal);
        var warned = await console.Send("apply --validate=warn -f -", manifest);
        Assert.Equal("Warning: unknown field \"spec.rulez\"\n", warned.Error.ReplaceLineEndings("\n"));
        Assert.Equal("", (await console.Send("apply --validate=ignore -f -", manifest)).Error);
        Assert.Equal("", await console.Run("get httproute split -o jsonpath={.spec.rulez}"));
    }

    [Fact]
    public async Task Wrong_values_are_refused_in_the_words_of_a_cluster()
    {
        var console = await session.OpenAsync();

        Assert.Equal(
            "The HTTPRoute \"split\" is invalid: spec.rules[0].backendRefs[0].weight: Invalid value: -1: spec.rules[0].backendRefs[0].weight in body should be greater than or equal to 0",
            await console.Refused("apply -f -", Manifests.Route(-1)));
        Assert.StartsWith(
            "The Service \"BACKEND\" is invalid: \n* metadata.name: Invalid value: \"BACKEND\": a DNS-1035 label must consist of",
            await console.Refused("apply -f -", Manifests.Service.Replace("name: backend", "name: BACKEND", StringComparison.Ordinal).Replace("name: http", "name: HTTP", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.Equal(
            "The Pod \"one\" is invalid: spec.containers: Required value",
            await console.Refused("apply -f -", "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec: {containers: []}"));
        Assert.Equal(
            "Error from server (BadRequest): error when creating \"STDIN\": ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data.a of type string",
            await console.Refused("apply -f -", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: 1}"));
    }

    [Fact]
    public async Task A_kind_that_the_server_does_not_have_is_named()
    {
        var console = await session.OpenAsync();

        Assert.Equal(
            "error: resource mapping not found for name: \"split\" namespace: \"\" from \"STDIN\": " +
            "no matches for kind \"HTTPRoute\" in version \"gateway.networking.k8s.io/v9\"\nensure CRDs are installed first",
            await console.Refused("apply -f -", Manifests.Route().Replace("k8s.io/v1", "k8s.io/v9", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_list_is_taken_apart()
    {
        var console = await session.OpenAsync();

        Assert.Equal(
            "configmap/a created\nconfigmap/b created",
            await console.Run("apply -f -", """
                apiVersion: v1
                kind: List
                items:
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
                """));
    }

    [Fact]
    public async Task What_left_the_manifests_is_pruned()
    {
        var console = await session.OpenAsync();
        static string Maps(params string[] names) =>
            string.Concat(names.Select(name => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  labels: {{set: one}}\n---\n"));
        await console.Run("apply -f -", Maps("a", "b"));

        Assert.Equal(
            "configmap/a unchanged\nconfigmap/b pruned", await console.Run("apply --prune -l set=one --prune-allowlist=core/v1/ConfigMap -f -", Maps("a")));
    }

    [Fact]
    public async Task Objects_are_not_created_where_there_is_no_namespace()
    {
        var console = await session.OpenAsync();

        Assert.Equal(
            "Error from server (NotFound): error when creating \"STDIN\": namespaces \"nowhere\" not found",
            await console.Refused("apply -n nowhere -f -", Manifests.Service));
    }
}
