using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using MeshSdk.Tool.CommandLine;
using YamlDotNet.Core;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>The contexts of kubeconfig files: which server is called, and from which namespace.</summary>
internal sealed class KubeconfigContexts
{
    private readonly List<Context> _contexts = [];
    private readonly string? _current;

    private KubeconfigContexts(IReadOnlyList<K8SConfiguration> files, string description)
    {
        Description = description;
        _current = files.Select(static file => file.CurrentContext).FirstOrDefault(static current => !string.IsNullOrEmpty(current));

        // Of several files the first to define something wins, as kubectl has it.
        foreach (var context in files.SelectMany(static file => file.Contexts ?? []))
        {
            if (!_contexts.Exists(known => known.Name == context.Name))
            {
                _contexts.Add(context);
            }
        }
    }

    /// <summary>The files, for people.</summary>
    public string Description { get; }

    /// <exception cref="UsageException">A file cannot be read.</exception>
    public static KubeconfigContexts Read(IReadOnlyList<string> files) =>
        new([.. files.Select(Read)], string.Join(Path.PathSeparator, files));

    /// <summary>The context of that name; null: the current one.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public (string Name, string? Namespace) Choose(string? context)
    {
        var wanted = context ?? _current;
        if (string.IsNullOrEmpty(wanted))
        {
            throw new UsageException($"kubeconfig {Description} has no current context; give --context, one of: {Names()}");
        }

        return _contexts.Find(candidate => candidate.Name == wanted) is { } found
            ? (found.Name, found.ContextDetails?.Namespace is { Length: > 0 } ns ? ns : null)
            : throw new UsageException($"{(context is null ? "the current context" : "--context")} '{wanted}': kubeconfig {Description} has only: {Names()}");
    }

    private static K8SConfiguration Read(string file)
    {
        try
        {
            // Not the overload for files, which does not survive an empty one: that is read as null.
            using var stream = File.OpenRead(file);
            return KubernetesClientConfiguration.LoadKubeConfig(stream) ?? new K8SConfiguration();
        }
        catch (Exception e) when (e is YamlException or KubeConfigException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"kubeconfig {file}: {e.Message}");
        }
    }

    private string Names() =>
        _contexts.Count == 0 ? "none" : string.Join(", ", _contexts.Select(static context => context.Name).Order(StringComparer.Ordinal));
}
