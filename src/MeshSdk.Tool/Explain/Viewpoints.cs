using System.Collections.Immutable;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration;

namespace MeshSdk.Tool.Explain;

/// <summary>
/// Explainers for callers and hosts. Of a live cluster as many namespaces are read as requests need: the first that means a further one has
/// all of them read again, so that an answer never mixes two states of the mesh.
/// </summary>
internal sealed class Viewpoints(ConfigurationLoader loader, MeshArguments arguments)
{
    private ImmutableHashSet<string> _read = [];
    private ExplainerCache? _explainers;

    /// <param name="host">The host of the request; empty: none in particular.</param>
    /// <param name="ns">The caller's namespace; null: the command line's.</param>
    /// <param name="labels">The caller's labels; null: the command line's.</param>
    /// <exception cref="UsageException">What the request needs cannot be read.</exception>
    public async Task<Explainer> ExplainerAsync(
        string host, string? ns, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        var caller = arguments.Caller with { Namespace = ns ?? arguments.Caller.Namespace };
        string[] needed = ServiceName.Of(host, caller) is { } name ? [caller.Namespace, name.Id.Namespace] : [caller.Namespace];
        if (_explainers is null || (loader.IsLive && !_read.IsSupersetOf(needed)))
        {
            var all = _read.Union(needed);
            var mesh = await loader.ReadAsync(ReadScope.CallsTo(all), cancellationToken);
            (_read, _explainers) = (all, new ExplainerCache(mesh, arguments.Caller, arguments.Mesh.Security, arguments.Compilation));
        }

        return _explainers.For(ns, labels);
    }
}
