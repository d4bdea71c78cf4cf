using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Resources;

/// <summary>Policies of one kind by the services that they name.</summary>
internal sealed class ResourceStorePolicies<TPolicy>
    where TPolicy : PolicyResource
{
    private readonly Dictionary<ServiceId, ImmutableArray<TPolicy>> _byTarget = [];
    private readonly SortedDictionary<string, TPolicy> _all = new(StringComparer.Ordinal);

    /// <summary>In order of their names.</summary>
    public IReadOnlyCollection<TPolicy> All => _all.Values;

    /// <summary>
    /// Policies that name the service, the oldest first; a missing time counts as the oldest, and equally old ones stand by name. The array stays the same
    /// one while none of them changes.
    /// </summary>
    public ImmutableArray<TPolicy> Of(ServiceId id) => _byTarget.GetValueOrDefault(id, []);

    public void Add(TPolicy policy)
    {
        _all[policy.ToString()] = policy;
        foreach (var id in policy.ServiceTargets().Distinct())
        {
            var policies = Of(id);
            var index = 0;
            while (index < policies.Length && CompareAge(policies[index], policy) <= 0)
            {
                index++;
            }

            _byTarget[id] = policies.Insert(index, policy);
        }
    }

    public void Remove(TPolicy policy)
    {
        _all.Remove(policy.ToString());
        foreach (var id in policy.ServiceTargets().Distinct())
        {
            var rest = Of(id).RemoveAll(other => ReferenceEquals(other, policy));
            if (rest.IsEmpty)
            {
                _byTarget.Remove(id);
            }
            else
            {
                _byTarget[id] = rest;
            }
        }
    }

    // All policies that name one service are of its namespace.
    private static int CompareAge(TPolicy left, TPolicy right)
    {
        var byTime = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Metadata.Name, right.Metadata.Name);
    }
}
