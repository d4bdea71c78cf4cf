using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using MeshSdk.Sources.Manifests;
using YamlDotNet.Core;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>
/// One kubeconfig, or several as one: of entries of one name the first counts, and paths begin at the file that states them. Read by KubernetesClient,
/// but for the fields that it does not know.
/// </summary>
internal sealed class Kubeconfig
{
    private readonly Dictionary<string, (ClusterEndpoint Cluster, MappingNode? Fields, string File)> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (UserCredentials User, MappingNode? Fields, string File)> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContextDetails> _contexts = new(StringComparer.Ordinal);
    private readonly string _files;
    private string? _currentContext;

    private Kubeconfig(string files) => _files = files;

    /// <exception cref="ConnectionException">A file cannot be read, or is no kubeconfig.</exception>
    public static async Task<Kubeconfig> LoadAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var all = new Kubeconfig(string.Join(Path.PathSeparator, files));
        foreach (var file in files)
        {
            var text = await TextFile.ReadAsync(file, cancellationToken).ConfigureAwait(false);
            try
            {
                all.Add(KubernetesYaml.Deserialize<K8SConfiguration>(text), new YamlDocumentReader(text).Next()?.Root as MappingNode, Path.GetFullPath(file));
            }
            catch (Exception fault) when (fault is YamlException or KubeConfigException or ArgumentException or InvalidOperationException)
            {
                throw new ConnectionException($"{file} is no kubeconfig: {fault.Message}", fault);
            }
        }

        return all;
    }

    /// <param name="context">Null: the current one.</param>
    /// <exception cref="ConnectionException">It is not there, or incomplete.</exception>
    public ConnectionSettings Resolve(string? context, TimeProvider time)
    {
        var name = string.IsNullOrEmpty(context) ? _currentContext : context;
        if (string.IsNullOrEmpty(name))
        {
            throw new ConnectionException($"{_files} states no current-context; set the option Context to one of: {Names(_contexts.Keys)}");
        }

        if (!_contexts.TryGetValue(name, out var details))
        {
            throw new ConnectionException($"{_files} has no context {name}; it has: {Names(_contexts.Keys)}")
            {
                // One without any is being written.
                IsFinal = !string.IsNullOrEmpty(context) && _contexts.Count > 0,
            };
        }

        if (!_clusters.TryGetValue(details.Cluster ?? "", out var cluster))
        {
            throw new ConnectionException($"the context {name} of {_files} means the cluster '{details.Cluster}', which is not there; there are: {Names(_clusters.Keys)}");
        }

        var origin = $"context {name} of {_files}";
        var settings = KubeconfigCluster.Read(cluster.Cluster, cluster.Fields, cluster.File, origin) with { Namespace = NullIfEmpty(details.Namespace) };
        if (string.IsNullOrEmpty(details.User))
        {
            return settings;
        }

        return _users.TryGetValue(details.User, out var user)
            ? KubeconfigUser.Apply(settings, user.User, user.Fields, user.File, details.User, time)
            : throw new ConnectionException($"the context {name} of {_files} means the user '{details.User}', which is not there; there are: {Names(_users.Keys)}");
    }

    private void Add(K8SConfiguration? config, MappingNode? root, string file)
    {
        if (config is null || root is null)
        {
            // An empty file, as kubectl leaves one behind when its last context is deleted.
            return;
        }

        _currentContext = NullIfEmpty(_currentContext) ?? config.CurrentContext;
        foreach (var context in config.Contexts ?? [])
        {
            if (context is { Name: not null, ContextDetails: not null })
            {
                _contexts.TryAdd(context.Name, context.ContextDetails);
            }
        }

        foreach (var cluster in config.Clusters ?? [])
        {
            if (cluster is { Name: not null, ClusterEndpoint: not null })
            {
                _clusters.TryAdd(cluster.Name, (cluster.ClusterEndpoint, Fields(root, "clusters", cluster.Name, "cluster"), file));
            }
        }

        foreach (var user in config.Users ?? [])
        {
            if (user is { Name: not null, UserCredentials: not null })
            {
                _users.TryAdd(user.Name, (user.UserCredentials, Fields(root, "users", user.Name, "user"), file));
            }
        }
    }

    private static MappingNode? Fields(MappingNode root, string list, string name, string field) =>
        (root[list] as SequenceNode)?.Items.OfType<MappingNode>().FirstOrDefault(entry => (entry["name"] as ScalarNode)?.Text == name)?[field] as MappingNode;

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal)) is { Length: > 0 } text ? text : "none";

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
