using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>Kinds that a user brings, by the real kubectl.</summary>
public sealed class DefinitionCommandTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    [Fact]
    public async Task A_definition_makes_a_kind_that_has_all_it_says()
    {
        var console = await session.OpenAsync();
        const string Group = "one.example.com";

        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/widgets.one.example.com created", await console.Run("apply -f -", Manifests.Widgets(Group)));
        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/widgets.one.example.com unchanged", await console.Run("apply -f -", Manifests.Widgets(Group)));
        Assert.EndsWith("condition met", await console.Run("wait crd/widgets.one.example.com --for=condition=established --timeout=10s"), StringComparison.Ordinal);
        var definitions = await console.Table("get crd widgets.one.example.com");
        Assert.Equal(["NAME", "CREATED AT"], definitions[0]);
        Assert.Matches("^20..-..-..T..:..:..Z$", definitions[1][1]);

        Assert.Equal("widget.one.example.com/w created", await console.Run("apply -f -", Manifests.Widget(Group)));
        Assert.Equal("NAME   SIZE\nw      3", await console.Run("get onewd"));
        Assert.Equal("NAME   SIZE   COLOR\nw      3      red", await console.Run("get onewd -o wide"));
        Assert.Contains("widget.one.example.com/w", await console.Run("get all -o name"), StringComparison.Ordinal);
        Assert.Equal("widget.one.example.com/w", await console.Run("get onewd --field-selector spec.color=red -o name"));
        Assert.Equal("", await console.Run("get onewd --field-selector spec.color!=red -o name"));
        await console.Run("patch onewd w --subresource=status --type merge -p '{\"status\":{\"phase\":\"Ready\"}}'");
        await console.Run("wait onewd/w --for=jsonpath={.status.phase}=Ready --timeout=10s");

        Assert.Equal(
            "The Widget \"w\" is invalid: \n* spec.color: Unsupported value: \"green\": supported values: \"red\", \"blue\"\n" +
            "* spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1",
            Sorted(await console.Refused("apply -f -", Manifests.Widget(Group, "size: 0, color: green"))));
        Assert.Contains("unknown field \"spec.sice\"", await console.Refused("apply -f -", Manifests.Widget(Group, "size: 1, sice: 2")), StringComparison.Ordinal);
        Assert.Equal("The Widget \"w\" is invalid: spec.size: Required value", await console.Refused("apply -f -", Manifests.Widget(Group, "color: red")));

        static string Sorted(string problems) => string.Join('\n', problems.Split('\n').OrderByDescending(line => line.StartsWith("The ", StringComparison.Ordinal)).ThenBy(line => line, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_kind_goes_with_its_definition_and_its_objects_with_it()
    {
        var console = await session.OpenAsync();
        const string Group = "two.example.com";
        await console.Run("apply --server-side -f -", Manifests.Widgets(Group));
        await console.Run("apply --server-side -f -", Manifests.Widget(Group));

        await console.Run("delete crd widgets.two.example.com");
        Assert.Equal(
            "Error from server (NotFound): the server could not find the requested resource", await console.Refused("get --raw /apis/two.example.com/v1/widgets"));
        await console.Run("apply --server-side -f -", Manifests.Widgets(Group));
        Assert.Equal("", await console.Run("get widgets.two.example.com -o name"));
    }

    [Fact]
    public async Task A_kind_explains_itself()
    {
        var console = await session.OpenAsync();
        await console.Run("apply -f -", Manifests.Widgets("three.example.com"));

        Assert.Contains("DESCRIPTION:\n    In millimetres.", await console.Run("explain widgets.spec.size --api-version=three.example.com/v1"), StringComparison.Ordinal);
        Assert.Contains("  size\t<integer> -required-\n", await console.Run("explain widgets.spec --api-version=three.example.com/v1"), StringComparison.Ordinal);
    }

    /// <summary>The definitions that clusters really have; tens of thousands of lines.</summary>
    [Theory]
    [InlineData("apply -f")]
    [InlineData("apply --server-side -f")]
    public async Task Real_definitions_are_applied(string command)
    {
        var folder = Environment.GetEnvironmentVariable("MESHSDK_UPSTREAM_CRDS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "MESHSDK_UPSTREAM_CRDS names no folder of definitions");
        await using var fresh = new KubectlSession();
        var console = await fresh.OpenAsync();

        var result = await console.Send($"{command} {folder}");
        Assert.Contains("destinationrules.networking.istio.io", result.Output, StringComparison.Ordinal);

        // The old way keeps a copy in an annotation, for which the largest are too large on any cluster: they are for the server to apply.
        var refused = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(command == "apply -f" || result.ExitCode == 0, result.Error);
        Assert.All(refused, line => Assert.Contains("metadata.annotations: Too long", line, StringComparison.Ordinal));
        await console.Run("wait crd --all --for=condition=established --timeout=10s");
        await console.Run("apply -f -", Manifests.All);
        Assert.Equal("NAME    HOSTNAMES           AGE", (await console.Run("get httproute")).Split('\n')[0]);
    }
}
