using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>
/// What is known of the pod that this process runs in: the labels by which policies choose it. Known once, they stay known: a process that outlives its pod
/// object for a while is still the one that it was.
/// </summary>
/// <param name="caller">As the options have it; labels that they state come before those of the pod.</param>
internal sealed class OwnPod(CallerContext caller)
{
    /// <summary>What diagnostics say of policies for some pods where the labels are not known, or not all of them.</summary>
    public const string NotKnown =
        $"whose labels are not all known: name its pod (POD_NAME, or Mesh:{nameof(MeshOptions.PodName)}) and let it be read, or state them (Mesh:{nameof(MeshOptions.Labels)})";

    private const string IstioTls = "istio";

    private Pod? _pod;
    private Dictionary<string, string>? _labels = Merge([], caller.Labels) is { Count: > 0 } stated ? stated : null;

    /// <summary>Null: not known, since neither the options state any nor the pod could be read.</summary>
    public Dictionary<string, string>? Labels => _labels;

    /// <summary>
    /// Whether there are no others: the pod was read, or nobody names one, so that those that the options state are all. Beside the stated ones a pod that was not
    /// read yet may have any.
    /// </summary>
    public bool KnowsAllLabels => _pod is not null || (caller.Pod is null && _labels is not null);

    /// <summary>Whether a label tells callers that this process does mutual TLS; null: not known.</summary>
    public bool? IsAdvertised => (_pod is null ? _labels : _pod.Metadata.Labels ?? []) is { } labels && (_pod is not null || labels.ContainsKey(Pod.TlsModeLabel))
        ? labels.GetValueOrDefault(Pod.TlsModeLabel) == IstioTls
        : null;

    public void Find(ResourceStore store)
    {
        if (caller.Pod is { } name && store.FindPod(caller.Namespace, name) is { } pod && !ReferenceEquals(pod, _pod))
        {
            _pod = pod;
            var labels = Merge(pod.Metadata.Labels ?? [], caller.Labels);
            _labels = _labels is { } known && ResourceStorePods.SameLabels(known, labels) ? known : labels;
        }
    }

    private static Dictionary<string, string> Merge(Dictionary<string, string> own, IReadOnlyDictionary<string, string> stated)
    {
        var labels = new Dictionary<string, string>(own, StringComparer.Ordinal);
        foreach (var (name, value) in stated)
        {
            labels[name] = value;
        }

        return labels;
    }
}
