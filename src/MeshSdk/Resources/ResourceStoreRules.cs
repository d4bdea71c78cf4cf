namespace MeshSdk.Resources;

/// <summary>Destination rules by namespace and host.</summary>
internal sealed class ResourceStoreRules(string clusterDomain)
{
    private readonly Dictionary<string, NamespaceRules> _namespaces = new(StringComparer.Ordinal);

    public IEnumerable<DestinationRule> All =>
        _namespaces.Values.SelectMany(static rules => rules.Exact.Values.Concat(rules.Wildcards.Values)).SelectMany(static rules => rules);

    public string FullyQualified(DestinationRule rule)
    {
        var host = (rule.Spec.Host ?? "").ToLowerInvariant();
        var complete = host.Length == 0 || host == "*" || host.Contains('.') || host.Contains(':');
        return complete ? host : $"{host}.{rule.Metadata.Namespace}.svc.{clusterDomain}";
    }

    public static bool IsWildcard(string host) => host.StartsWith('*');

    /// <summary>Whether a host that <see cref="FullyQualified"/> returned is meant for a service of this name.</summary>
    public static bool Covers(string host, string serviceHost) =>
        IsWildcard(host) ? serviceHost.AsSpan().EndsWith(host.AsSpan(1), StringComparison.Ordinal) : host == serviceHost;

    /// <summary>The rules of a namespace for a service, host by host, the most specific host first. Rules for one host stand oldest first.</summary>
    public IEnumerable<IReadOnlyList<DestinationRule>> Lookup(string @namespace, string serviceHost)
    {
        if (!_namespaces.TryGetValue(@namespace, out var rules))
        {
            yield break;
        }

        if (rules.Exact.TryGetValue(serviceHost, out var exact))
        {
            yield return exact;
        }

        foreach (var (host, wildcard) in rules.Wildcards)
        {
            if (Covers(host, serviceHost))
            {
                yield return wildcard;
            }
        }
    }

    /// <summary>All rules for a service in namespaces that may be the same ones, each rule once.</summary>
    public IEnumerable<DestinationRule> LookupAll(string serviceHost, string first, string second, string third)
    {
        var rules = Lookup(first, serviceHost);
        rules = second == first ? rules : rules.Concat(Lookup(second, serviceHost));
        rules = third == first || third == second ? rules : rules.Concat(Lookup(third, serviceHost));
        return rules.SelectMany(static sameHost => sameHost);
    }

    public void Add(DestinationRule rule)
    {
        if (!_namespaces.TryGetValue(rule.Metadata.Namespace, out var rules))
        {
            _namespaces.Add(rule.Metadata.Namespace, rules = new NamespaceRules());
        }

        var host = FullyQualified(rule);
        var sameHost = rules.ListFor(host);
        var index = 0;
        while (index < sameHost.Count && CompareAge(sameHost[index], rule) <= 0)
        {
            index++;
        }

        sameHost.Insert(index, rule);
    }

    public void Remove(DestinationRule rule)
    {
        if (!_namespaces.TryGetValue(rule.Metadata.Namespace, out var rules))
        {
            return;
        }

        var host = FullyQualified(rule);
        var sameHost = rules.ListFor(host);
        sameHost.RemoveAll(candidate => ReferenceEquals(candidate, rule));
        if (sameHost.Count > 0)
        {
            return;
        }

        rules.Exact.Remove(host);
        rules.Wildcards.Remove(host);
        if (rules.Exact.Count + rules.Wildcards.Count == 0)
        {
            _namespaces.Remove(rule.Metadata.Namespace);
        }
    }

    /// <summary>Rules with a selector first, then by age, then by name; a missing time counts as the oldest.</summary>
    private static int CompareAge(DestinationRule left, DestinationRule right)
    {
        var bySelector = (left.Spec.WorkloadSelector is null).CompareTo(right.Spec.WorkloadSelector is null);
        if (bySelector != 0)
        {
            return bySelector;
        }

        var byTime = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Metadata.Name, right.Metadata.Name);
    }

    private sealed class NamespaceRules
    {
        public Dictionary<string, List<DestinationRule>> Exact { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, List<DestinationRule>> Wildcards { get; } = new(LongestFirst.Instance);

        public List<DestinationRule> ListFor(string host)
        {
            IDictionary<string, List<DestinationRule>> lists = IsWildcard(host) ? Wildcards : Exact;
            if (!lists.TryGetValue(host, out var list))
            {
                lists.Add(host, list = []);
            }

            return list;
        }
    }

    private sealed class LongestFirst : IComparer<string>
    {
        public static readonly LongestFirst Instance = new();

        public int Compare(string? x, string? y)
        {
            var byLength = (y?.Length ?? 0).CompareTo(x?.Length ?? 0);
            return byLength != 0 ? byLength : string.CompareOrdinal(x, y);
        }
    }
}
