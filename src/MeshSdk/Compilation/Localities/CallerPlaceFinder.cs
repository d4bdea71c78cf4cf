using MeshSdk.Compilation.Coexistence;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// Finds out where the caller itself runs: where it has been told, there; else where its own pod and node are. Gives the same object as long as that stays
/// the same.
/// </summary>
internal sealed class CallerPlaceFinder(CallerContext caller)
{
    private readonly LocalityCache _localities = new();
    private Node? _node;
    private Pod? _pod;
    private CallerPlace? _place;

    public CallerPlace Find(ResourceStore store)
    {
        var pod = caller.Pod is { } podName ? store.FindPod(caller.Namespace, podName) : null;
        var nodeName = caller.Node ?? pod?.Spec.NodeName;
        var node = nodeName is null ? null : store.FindNode(nodeName);
        if (_place is { } known && ReferenceEquals(node, _node) && ReferenceEquals(pod, _pod))
        {
            return known;
        }

        (_node, _pod) = (node, pod);
        var place = new CallerPlace(caller.Locality ?? LocalityOf(nodeName, node, pod), nodeName, LabelsOf(pod)) { Proxy = LocalProxyFinder.Find(caller, pod) };
        return _place = _place is { } last && last.IsSame(place) ? last : place;
    }

    private Locality? LocalityOf(string? nodeName, Node? node, Pod? pod) =>
        new Places(_localities, _ => node).Of(zone: null, nodeName, pod) is var found && found == Locality.Unknown ? null : found;

    private IReadOnlyDictionary<string, string> LabelsOf(Pod? pod)
    {
        if (pod?.Metadata.Labels is not { Count: > 0 } ofPod)
        {
            return caller.Labels;
        }

        var labels = new Dictionary<string, string>(ofPod, StringComparer.Ordinal);
        foreach (var (name, value) in caller.Labels)
        {
            labels[name] = value;
        }

        return labels;
    }
}
