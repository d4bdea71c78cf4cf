using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>Which policies name a Secret or a ConfigMap.</summary>
internal sealed class ResourceStoreCertificates(string clusterDomain)
{
    // Where a rule's credentials are depends on who calls, so that it stands under their names alone.
    private readonly Dictionary<(string Kind, string Name), ImmutableArray<DestinationRule>> _rules = [];
    private readonly Dictionary<ResourceKey, ImmutableArray<BackendTlsPolicy>> _policies = [];

    /// <summary>Whether no policy names any.</summary>
    public bool IsEmpty => _rules.Count + _policies.Count == 0;

    /// <summary>The rules that name any, by the hosts that they are for: many rules and many services meet here.</summary>
    public ResourceStoreRules Rules { get; } = new(clusterDomain);

    /// <summary>May name a rule that looks for its credentials in another namespace.</summary>
    public ImmutableArray<DestinationRule> RulesWith(ResourceKey key) => _rules.GetValueOrDefault((key.Kind, key.Name), []);

    public ImmutableArray<BackendTlsPolicy> PoliciesWith(ResourceKey key) => _policies.GetValueOrDefault(key, []);

    public void Add(DestinationRule rule)
    {
        var keys = CertificateReferences.Of(rule, "").Distinct().ToList();
        foreach (var key in keys)
        {
            _rules[(key.Kind, key.Name)] = RulesWith(key).Add(rule);
        }

        if (keys.Count > 0)
        {
            Rules.Add(rule);
        }
    }

    public void Remove(DestinationRule rule)
    {
        foreach (var key in CertificateReferences.Of(rule, "").Distinct())
        {
            Keep(_rules, (key.Kind, key.Name), RulesWith(key).RemoveAll(other => ReferenceEquals(other, rule)));
        }

        Rules.Remove(rule);
    }

    public void Add(BackendTlsPolicy policy)
    {
        foreach (var key in CertificateReferences.Of(policy).Distinct())
        {
            _policies[key] = PoliciesWith(key).Add(policy);
        }
    }

    public void Remove(BackendTlsPolicy policy)
    {
        foreach (var key in CertificateReferences.Of(policy).Distinct())
        {
            Keep(_policies, key, PoliciesWith(key).RemoveAll(other => ReferenceEquals(other, policy)));
        }
    }

    private static void Keep<TKey, T>(Dictionary<TKey, ImmutableArray<T>> table, TKey key, ImmutableArray<T> rest)
        where TKey : notnull
    {
        if (rest.IsEmpty)
        {
            table.Remove(key);
        }
        else
        {
            table[key] = rest;
        }
    }
}
