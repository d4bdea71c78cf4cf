using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Tool.Configuration;

namespace MeshSdk.Tool.Explain;

/// <summary>
/// One explainer for each distinct caller. A batch may ask from many viewpoints; what differs between them is compiled in, so each needs its own
/// snapshot, and most lines share a few.
/// </summary>
internal sealed class ExplainerCache(LoadedMesh mesh, CallerContext caller, MeshSecurity security, CompilerOptions options)
{
    // A batch over thousands of namespaces would otherwise keep as many snapshots of the whole mesh.
    private const int Limit = 64;

    private readonly Dictionary<string, Explainer> _explainers = new(StringComparer.Ordinal);

    /// <summary>The explainer for a caller; what is null is as the command line says.</summary>
    public Explainer For(string? ns, IReadOnlyDictionary<string, string>? labels)
    {
        var viewpoint = caller with { Namespace = ns ?? caller.Namespace, Labels = labels ?? caller.Labels };
        var key = Key(viewpoint);
        if (!_explainers.TryGetValue(key, out var explainer))
        {
            if (_explainers.Count == Limit)
            {
                _explainers.Clear();
            }

            explainer = new Explainer(
                new MeshCompiler(viewpoint, options).Compile(mesh.Resources), security, new UnknownHosts(mesh.Unknown, viewpoint), options.HasIdentity);
            _explainers.Add(key, explainer);
        }

        return explainer;
    }

    // NUL occurs neither in namespaces nor in labels.
    private static string Key(CallerContext viewpoint) => string.Join(
        '\0', [viewpoint.Namespace, .. viewpoint.Labels.OrderBy(static l => l.Key, StringComparer.Ordinal).SelectMany(static l => new[] { l.Key, l.Value })]);
}
