using System.Security.Cryptography.X509Certificates;
using k8s;
using k8s.Authentication;
using k8s.Autorest;
using k8s.Models;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Http;

/// <summary>The client that most .NET programs have, against the server.</summary>
public sealed class KubernetesClientTests
{
    [Fact]
    public async Task A_kubeconfig_is_all_that_it_needs()
    {
        await using var cluster = await Cluster.StartAsync();
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(directory.FullName, "config");
            cluster.WriteKubeconfig(path, "default");
            using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(path));

            var created = await client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = "a" }, Data = new Dictionary<string, string> { ["x"] = "1" } }, "default");
            await client.CoreV1.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"x":"2"}}""", V1Patch.PatchType.MergePatch), "a", "default");
            var conflict = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ReplaceNamespacedConfigMapAsync(created, "a", "default"));
            var list = await client.CoreV1.ListNamespacedConfigMapAsync("default", limit: 1);
            var version = await client.Version.GetCodeAsync();

            Assert.Equal("2", Assert.Single(list.Items).Data["x"]);
            Assert.Contains("the object has been modified", conflict.Response.Content, StringComparison.Ordinal);
            Assert.Equal("33", version.Minor);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task It_watches_with_service_account_files()
    {
        await using var cluster = await Cluster.StartAsync();
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            cluster.WriteServiceAccount(directory.FullName, "default", "app");
            using var client = new Kubernetes(new KubernetesClientConfiguration
            {
                Host = cluster.Address.AbsoluteUri,
                SslCaCerts = [X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory.FullName, "ca.crt"))],
                TokenProvider = new TokenFileAuth(Path.Combine(directory.FullName, "token")),
            });
            await cluster.ApplyAsync(Cluster.ConfigMap("a").ToJsonString());
            var seen = new List<string>();
            await foreach (var (type, item) in client.CoreV1.WatchListNamespacedConfigMapAsync(
                "default", allowWatchBookmarks: true, sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", resourceVersion: "",
                onError: error => seen.Add(error.Message), cancellationToken: TestContext.Current.CancellationToken))
            {
                seen.Add($"{type} {item.Metadata?.Name}".TrimEnd());
                switch (seen.Count)
                {
                    case 2:
                        await cluster.DeleteAsync("ConfigMap", "default", "a");
                        break;
                    case 3:
                        cluster.Faults.SendErrorToWatches();
                        break;
                }
            }

            Assert.Equal(["Added a", "Bookmark", "Deleted a"], seen[..3]);
            Assert.Equal(4, seen.Count);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
