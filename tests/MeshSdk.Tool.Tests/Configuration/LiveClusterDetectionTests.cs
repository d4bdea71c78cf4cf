using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration.Live;

namespace MeshSdk.Tool.Tests.Configuration;

/// <summary>Which server is meant: what the command line names, then <c>KUBECONFIG</c>, then the home directory, then the pod.</summary>
public sealed class LiveClusterDetectionTests : IDisposable
{
    private readonly ManifestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_command_line_comes_before_everything_else()
    {
        var file = _directory.Write("given", Surroundings.Kubeconfig("a", ("a", "of-a"), ("b", "of-b")));

        var cluster = LiveClusterDetection.Find(file, context: null, Everything());

        Assert.Equal((file, null, "of-a"), (cluster.Kubeconfig, cluster.Context, cluster.Namespace));
        Assert.Equal($"kubeconfig {file}, context a", cluster.Description);
    }

    [Fact]
    public void A_context_that_is_named_brings_its_own_namespace()
    {
        var file = _directory.Write("given", Surroundings.Kubeconfig("a", ("a", "of-a"), ("b", null)));

        var cluster = LiveClusterDetection.Find(file, "b", Everything());

        Assert.Equal(("b", "default"), (cluster.Context, cluster.Namespace));
    }

    [Fact]
    public void The_variable_comes_before_the_home_directory()
    {
        var cluster = LiveClusterDetection.Find(kubeconfig: null, context: null, Everything());

        Assert.Equal("of-variable", cluster.Namespace);
        Assert.Equal(Path.Combine(_directory.Path, "variable"), cluster.Kubeconfig);
    }

    [Fact]
    public void Of_several_files_the_first_to_define_something_wins_and_the_library_reads_them_itself()
    {
        var first = _directory.Write("first", Surroundings.Kubeconfig(null, ("a", "first")));
        var second = _directory.Write("second", Surroundings.Kubeconfig("a", ("a", "second"), ("b", "of-b")));
        var list = string.Join(Path.PathSeparator, first, "/no/such/file", second);
        var environment = Surroundings.None with { Variable = name => name == "KUBECONFIG" ? list : null };

        var cluster = LiveClusterDetection.Find(kubeconfig: null, context: null, environment);

        Assert.Equal((null, "first"), (cluster.Kubeconfig, cluster.Namespace));
        Assert.Equal("of-b", LiveClusterDetection.Find(kubeconfig: null, "b", environment).Namespace);
    }

    [Fact]
    public void The_home_directory_comes_before_the_pod()
    {
        var cluster = LiveClusterDetection.Find(kubeconfig: null, context: null, Everything(variable: false));

        Assert.Equal("of-home", cluster.Namespace);
    }

    [Fact]
    public void A_pod_is_the_last_resort_and_its_namespace_is_found_elsewhere()
    {
        var cluster = LiveClusterDetection.Find(kubeconfig: null, context: null, Everything(variable: false, home: false));

        Assert.Equal((null, null, null), (cluster.Kubeconfig, cluster.Context, cluster.Namespace));
        Assert.Equal("the pod's service account, server 10.96.0.1", cluster.Description);
    }

    [Fact]
    public void Options_name_the_namespaces_or_the_whole_cluster()
    {
        var cluster = new LiveCluster("", "file", "context", "ns");

        var some = cluster.ToOptions(["a", "b"]);
        Assert.Equal(("file", "context", MeshKubernetesScope.Namespaces), (some.Kubeconfig, some.Context, some.Scope));
        Assert.Equal(["a", "b"], some.Namespaces);
        Assert.Equal(MeshKubernetesScope.Cluster, cluster.ToOptions(namespaces: null).Scope);
    }

    [Theory]
    [InlineData("", null, "has no current context")]
    [InlineData("current-context: gone", null, "the current context 'gone'")]
    [InlineData("contexts: [{ name: b, context: {} }, { name: a, context: {} }]", "c", "has only: a, b")]
    [InlineData("contexts: [", null, "kubeconfig ")]
    public void A_file_that_does_not_help_is_refused(string text, string? context, string part)
    {
        var file = _directory.Write("broken", text);

        var error = Assert.Throws<UsageException>(() => LiveClusterDetection.Find(file, context, Surroundings.None));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_has_no_contexts()
    {
        var error = Assert.Throws<UsageException>(() => LiveClusterDetection.Find(null, "kind", Everything(variable: false, home: false)));

        Assert.Contains("--context 'kind'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_leads_nowhere_is_no_reason_to_look_elsewhere()
    {
        var environment = Everything() with { Variable = static name => name == "KUBECONFIG" ? "/no/such/file" : null };

        var error = Assert.Throws<UsageException>(() => LiveClusterDetection.Find(null, null, environment));

        Assert.Contains("/no/such/file", error.Message, StringComparison.Ordinal);
    }

    private ToolEnvironment Everything(bool variable = true, bool home = true)
    {
        var named = _directory.Write("variable", Surroundings.Kubeconfig("v", ("v", "of-variable")));
        var kube = Directory.CreateDirectory(Path.Combine(_directory.Path, "home", ".kube"));
        if (home)
        {
            File.WriteAllText(Path.Combine(kube.FullName, "config"), Surroundings.Kubeconfig("h", ("h", "of-home")));
        }

        _directory.Write("token", "t");
        return new ToolEnvironment
        {
            Variable = name => name switch
            {
                "KUBECONFIG" when variable => named,
                "KUBERNETES_SERVICE_HOST" => "10.96.0.1",
                _ => null,
            },
            Home = Path.Combine(_directory.Path, "home"),
            ServiceAccountDirectory = _directory.Path,
        };
    }
}
