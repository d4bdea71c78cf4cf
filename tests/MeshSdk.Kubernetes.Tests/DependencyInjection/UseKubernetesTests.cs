using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.DependencyInjection;
using MeshSdk.Kubernetes.Tests.Scopes;
using MeshSdk.Kubernetes.Tests.Snapshots;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.DependencyInjection;

public sealed class UseKubernetesTests
{
    [Fact]
    public async Task A_mesh_is_fed_from_a_cluster_and_taken_down_with_the_application()
    {
        var cluster = new FakeCluster(TimeProvider.System);
        cluster.Put(Rule("backend", ns: "shop"));
        var services = new ServiceCollection()
            .AddSingleton<ReflectorConnector>(_ => Task.FromResult<IReflectorFactory>(cluster))
            .AddMesh(static mesh => mesh.Configure(static options => options.Namespace = "shop").UseKubernetes())
            .BuildServiceProvider();
        var mesh = services.GetRequiredService<Mesh>();
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(MeshStatus.Ready, mesh.Status);
        Assert.Equal(10, cluster.Running.Count);

        // The synchronous way, as older hosts do; the mesh and the container both dispose of the source.
        services.Dispose();
        Assert.Empty(cluster.Running);
        Assert.True(cluster.IsDisposed);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_is_a_start_that_failed_and_says_why()
    {
        await using var services = new ServiceCollection()
            .AddSingleton<ReflectorConnector>(static _ => Task.FromException<IReflectorFactory>(new ConnectionException("There is no kubeconfig.") { IsFinal = true }))
            .AddMesh(static mesh => mesh.UseKubernetes())
            .BuildServiceProvider();
        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => services.GetRequiredService<Mesh>().WaitUntilReadyAsync(TestContext.Current.CancellationToken));
        Assert.Equal("The mesh cannot start: There is no kubeconfig.", failure.Message);
    }

    [Fact]
    public void Asked_for_twice_there_is_one_cluster_with_the_options_of_both()
    {
        using var services = new ServiceCollection()
            .AddMesh(static mesh => mesh.UseKubernetes(static options => options.MaxServices = 7).UseKubernetes(static options => options.Namespaces.Add("other")))
            .BuildServiceProvider();
        Assert.Single(services.GetServices<IResourceSource>());
        var options = services.GetRequiredService<IOptions<MeshKubernetesOptions>>().Value;
        Assert.Equal((7, "other"), (options.MaxServices, Assert.Single(options.Namespaces)));
    }

    [Theory]
    [InlineData("Mesh")]
    [InlineData("Elsewhere")]
    public void Options_come_from_the_section_of_the_mesh_and_code_has_the_last_word(string section)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{section}:Kubernetes:Scope"] = "Namespaces",
            [$"{section}:Kubernetes:Pods"] = "Never",
            [$"{section}:Kubernetes:Nodes"] = "Never",
            [$"{section}:Kubernetes:Namespaces:0"] = "other",
            [$"{section}:Kubernetes:FirstCallTimeout"] = "00:00:05",
            [$"{section}:Kubernetes:MaxServices"] = "9",
            [$"{section}:Kubernetes:SnapshotDirectory"] = "/var/lib/shop",
        }).Build();
        var collection = new ServiceCollection().AddSingleton<IConfiguration>(configuration);
        if (section == "Mesh")
        {
            collection.AddMesh(static mesh => mesh.UseKubernetes(static options => options.MaxServices = 10));
        }
        else
        {
            collection.AddMesh(configuration.GetSection(section), static mesh => mesh.UseKubernetes(static options => options.MaxServices = 10));
        }

        using var services = collection.BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<MeshKubernetesOptions>>().Value;
        Assert.Equal(MeshKubernetesScope.Namespaces, options.Scope);
        Assert.Equal(MeshKubernetesPods.Never, options.Pods);
        Assert.Equal(MeshKubernetesNodes.Never, options.Nodes);
        Assert.Equal(["other"], options.Namespaces);
        Assert.Equal(TimeSpan.FromSeconds(5), options.FirstCallTimeout);
        Assert.Equal(10, options.MaxServices);
        Assert.Equal("/var/lib/shop", options.SnapshotDirectory);
    }

    [Theory]
    [InlineData("Kubeconfig", " ", "is empty")]
    [InlineData("Context", "", "is empty")]
    [InlineData("ServiceAccountDirectory", "", "is empty")]
    [InlineData("Namespaces:0", "My_Shop", "'My_Shop', which is no Kubernetes namespace name")]
    [InlineData("Scope", "7", "is none of OnDemand, Namespaces and Cluster")]
    [InlineData("Pods", "7", "is none of Auto, Always and Never")]
    [InlineData("Nodes", "7", "is neither Auto nor Never")]
    [InlineData("FirstCallTimeout", "00:00:00", "is not positive")]
    [InlineData("FirstCallTimeout", "60.00:00:00", "longer than 49 days")]
    [InlineData("IdleTimeout", "00:00:59", "is shorter than a minute")]
    [InlineData("MaxServices", "0", "has to be at least 1")]
    [InlineData("StaleAfter", "-00:00:01", "is not positive")]
    [InlineData("SnapshotDirectory", " ", "is empty")]
    [InlineData("SnapshotMaxAge", "00:00:00", "is not positive")]
    public void Wrong_options_stop_the_application_and_are_named(string option, string value, string problem)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [$"Mesh:Kubernetes:{option}"] = value }).Build();
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddMesh(static mesh => mesh.UseKubernetes())
            .BuildServiceProvider();
        var failure = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);
        Assert.StartsWith($"Mesh:Kubernetes:{option.Split(':')[0]} ", Assert.Single(failure.Failures), StringComparison.Ordinal);
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_are_valid() => MeshKubernetesOptionsValidator.ThrowIfInvalid(new MeshKubernetesOptions());

    [Fact]
    public void The_namespace_is_that_of_the_named_kubeconfigs_context_then_the_pods_own_and_what_is_said_counts_before_both()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.Path);
        var kubeconfig = directory.Beside("config");
        File.WriteAllText(kubeconfig, """
            apiVersion: v1
            kind: Config
            current-context: plain
            contexts:
            - name: plain
              context: { cluster: c, user: u }
            - name: shop
              context: { cluster: c, user: u, namespace: from-context }
            clusters: []
            users: []
            """);
        Assert.Equal("default", NamespaceOf("plain"));
        Assert.Equal("from-context", NamespaceOf("shop"));
        Assert.Equal("default", NamespaceOf("missing"));
        Assert.Equal("said", NamespaceOf("shop", "said"));

        File.WriteAllText(Path.Combine(directory.Path, "namespace"), "from-pod\n");
        Assert.Equal("from-context", NamespaceOf("shop"));
        Assert.Equal("from-pod", NamespaceOf("plain"));

        File.Delete(Path.Combine(directory.Path, "namespace"));
        File.WriteAllText(kubeconfig, ": no yaml [");
        Assert.Equal("default", NamespaceOf("shop"));

        string NamespaceOf(string context, string? said = null)
        {
            using var services = new ServiceCollection()
                .AddMesh(mesh => mesh.Configure(options => options.Namespace = said).UseKubernetes(options =>
                {
                    options.Kubeconfig = kubeconfig;
                    options.Context = context;
                    options.ServiceAccountDirectory = directory.Path;
                }))
                .BuildServiceProvider();
            return services.GetRequiredService<Mesh>().Caller.Namespace;
        }
    }

    [Fact]
    public async Task A_mesh_can_be_made_without_dependency_injection()
    {
        var cluster = new FakeCluster(TimeProvider.System);
        await using (var mesh = KubernetesMesh.Create(
            new MeshOptions { Namespace = "shop" }, new MeshKubernetesOptions(), loggers: null, _ => Task.FromResult<IReflectorFactory>(cluster)))
        {
            await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
            Assert.Equal("shop", mesh.Caller.Namespace);
        }

        Assert.True(cluster.IsDisposed);
        await Assert.ThrowsAsync<OptionsValidationException>(() => KubernetesMesh.StartAsync(
            new MeshOptions(), new MeshKubernetesOptions { MaxServices = 0 }, cancellationToken: TestContext.Current.CancellationToken));
    }
}
