using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk;

/// <summary>Says where the mesh of an application gets its configuration from, and how the application takes part in it.</summary>
public sealed class MeshBuilder
{
    internal MeshBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds manifests on disk, see <see cref="MeshOptions.Manifests"/>.</summary>
    /// <param name="paths">Files and directories.</param>
    /// <exception cref="ArgumentNullException"><paramref name="paths"/> is null.</exception>
    public MeshBuilder UseManifests(params string[] paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Configure(options =>
        {
            foreach (var path in paths)
            {
                options.Manifests.Add(path);
            }
        });
    }

    /// <summary>
    /// Adds objects that the application itself provides, see <see cref="MeshOptions.InMemory"/>. There is one such source: the last one given counts.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    public MeshBuilder UseInMemory(InMemorySource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Configure(options => options.InMemory = source);
    }

    /// <summary>Makes the filters of the application's own that routes ask for, see <see cref="MeshOptions.AddFilter"/>.</summary>
    /// <param name="group">The API group of the objects that routes refer to; empty for the core group.</param>
    /// <param name="kind">Their kind.</param>
    /// <param name="create">Makes the filter for one object.</param>
    /// <exception cref="ArgumentException"><paramref name="kind"/> is empty.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public MeshBuilder AddFilter(string group, string kind, Func<MeshFilterReference, IMeshFilter> create)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(create);
        return Configure(options => options.AddFilter(group, kind, create));
    }

    /// <summary>Sets options in code, after those of the configuration section.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is null.</exception>
    public MeshBuilder Configure(Action<MeshOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }
}
