using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>Policies of one kind by namespace, for those that are for pods and name no service.</summary>
internal sealed class ResourceStoreNamespaced<TPolicy>
    where TPolicy : Resource
{
    private readonly SortedDictionary<string, ImmutableArray<TPolicy>> _namespaces = new(StringComparer.Ordinal);

    public IEnumerable<TPolicy> All => _namespaces.Values.SelectMany(static policies => policies);

    /// <summary>
    /// Those of a namespace, the oldest first; a missing time counts as the oldest, and equally old ones stand by name. The array stays the same one while
    /// none of them changes.
    /// </summary>
    public ImmutableArray<TPolicy> In(string @namespace) => _namespaces.GetValueOrDefault(@namespace, []);

    public void Add(TPolicy policy)
    {
        var policies = In(policy.Metadata.Namespace);
        var index = 0;
        while (index < policies.Length && CompareAge(policies[index], policy) <= 0)
        {
            index++;
        }

        _namespaces[policy.Metadata.Namespace] = policies.Insert(index, policy);
    }

    public void Remove(TPolicy policy)
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

    private static int CompareAge(TPolicy left, TPolicy right)
    {
        var byTime = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Metadata.Name, right.Metadata.Name);
    }
}
