using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>Peer authentications by namespace.</summary>
internal sealed class ResourceStorePeers
{
    private readonly SortedDictionary<string, ImmutableArray<PeerAuthentication>> _namespaces = new(StringComparer.Ordinal);

    public IEnumerable<PeerAuthentication> All => _namespaces.Values.SelectMany(static policies => policies);

    /// <summary>
    /// Those of a namespace, the oldest first; a missing time counts as the oldest, and equally old ones stand by name. The array stays the same one while
    /// none of them changes.
    /// </summary>
    public ImmutableArray<PeerAuthentication> In(string @namespace) => _namespaces.GetValueOrDefault(@namespace, []);

    public void Add(PeerAuthentication policy)
    {
        var policies = In(policy.Metadata.Namespace);
        var index = 0;
        while (index < policies.Length && CompareAge(policies[index], policy) <= 0)
        {
            index++;
        }

        _namespaces[policy.Metadata.Namespace] = policies.Insert(index, policy);
    }

    public void Remove(PeerAuthentication policy)
    {
        var rest = In(policy.Metadata.Namespace).RemoveAll(other => ReferenceEquals(other, policy));
        if (rest.IsEmpty)
        {
            _namespaces.Remove(policy.Metadata.Namespace);
        }
        else
        {
            _namespaces[policy.Metadata.Namespace] = rest;
        }
    }

    private static int CompareAge(PeerAuthentication left, PeerAuthentication right)
    {
        var byTime = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Metadata.Name, right.Metadata.Name);
    }
}
