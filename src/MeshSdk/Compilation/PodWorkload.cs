using System.Buffers;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Which workload a pod belongs to, as dashboards name it: a Deployment, not one of its ReplicaSets.</summary>
internal static class PodWorkload
{
    private const string HashLabel = "pod-template-hash";
    private const string AppLabel = "app";

    private const int PodSuffixLength = 5;
    private const int LongestHash = 10;

    // What Kubernetes makes suffixes of: no vowels, and nothing that could be mistaken for one.
    private static readonly SearchValues<char> SuffixCharacters = SearchValues.Create("bcdfghjklmnpqrstvwxz2456789");

    /// <summary>By its controller; where it has none by its label <c>app</c>, else it is its own workload.</summary>
    public static string Of(Pod pod)
    {
        var owners = pod.Metadata.OwnerReferences.OrEmpty();
        var owner = owners.FirstOrDefault(static candidate => candidate?.Controller == true) ?? owners.FirstOrDefault();
        var labels = pod.Metadata.Labels ?? [];
        if (owner is not { Name: { Length: > 0 } name })
        {
            return labels.TryGetValue(AppLabel, out var app) && app.Length > 0 ? app : pod.Metadata.Name;
        }

        return owner.Kind == "ReplicaSet" && labels.TryGetValue(HashLabel, out var hash) && name.EndsWith($"-{hash}", StringComparison.Ordinal)
            ? name[..^(hash.Length + 1)]
            : name;
    }

    /// <summary>
    /// By the name alone, where the pod itself is not read: without the suffix of a pod and the hash of a ReplicaSet, or the ordinal of a StatefulSet. What
    /// looks like neither is left as it is.
    /// </summary>
    public static string OfName(string pod)
    {
        var rest = WithoutLast(pod, static suffix => suffix.Length == PodSuffixLength && IsMade(suffix));
        if (rest.Length == pod.Length)
        {
            return WithoutLast(pod, static suffix => suffix.Length > 0 && !suffix.ContainsAnyExceptInRange('0', '9'));
        }

        return WithoutLast(rest, static suffix => suffix.Length is > PodSuffixLength and <= LongestHash && IsMade(suffix));
    }

    private static string WithoutLast(string name, Func<ReadOnlySpan<char>, bool> isSuffix) =>
        name.LastIndexOf('-') is > 0 and var dash && isSuffix(name.AsSpan(dash + 1)) ? name[..dash] : name;

    private static bool IsMade(ReadOnlySpan<char> suffix) => !suffix.ContainsAnyExcept(SuffixCharacters);
}
