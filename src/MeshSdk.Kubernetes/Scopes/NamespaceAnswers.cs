using System.Collections.Frozen;
using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// The answers to those who ask for hosts, where all services of whole namespaces are followed: what has no frontend does not exist, unless
/// the services of the namespace could not be read.
/// </summary>
/// <param name="ownNamespace">Where short names are looked for.</param>
/// <param name="namespaces">Served by name.</param>
/// <param name="servesAll">Every other namespace is served too. <c>github.com</c> is no service all the same, unless there are services in <c>com</c>.</param>
internal sealed class NamespaceAnswers(string ownNamespace, IEnumerable<string> namespaces, bool servesAll, string clusterDomain)
{
    private readonly FrozenSet<string> _served = namespaces.Append(ownNamespace).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private volatile ImmutableDictionary<string, string> _unknown = ImmutableDictionary<string, string>.Empty.WithComparers(StringComparer.OrdinalIgnoreCase);
    private volatile FrozenSet<string> _populated = FrozenSet<string>.Empty;
    private volatile string? _allUnknown;

    public HostDemand Demand(string host)
    {
        var name = HostName.Parse(host, clusterDomain);
        var isNamed = name.Form != HostNameForm.Name;
        switch (name.Form)
        {
            case HostNameForm.None:
            case HostNameForm.NameAndNamespace when !IsServed(name.Namespace) && !(servesAll && Holds(_populated, name.Namespace)):
                return new HostDemand(HostKnowledge.Foreign);
            case HostNameForm.Complete when !servesAll && !IsServed(name.Namespace):
                return new HostDemand(HostKnowledge.Absent);
        }

        var reason = _allUnknown;
        if (reason is null && !_unknown.IsEmpty)
        {
            reason = _unknown.GetValueOrDefault(isNamed ? name.Namespace.ToString() : ownNamespace);
        }

        return reason is null ? new HostDemand(HostKnowledge.Absent) : new HostDemand(HostKnowledge.Unknown) { Reason = reason };
    }

    /// <summary>Says of which namespaces the services are not known, and why; null for all of them. Only for the loop.</summary>
    public void SetUnknown(IEnumerable<(string? Namespace, string Reason)> unknown)
    {
        string? all = null;
        var some = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (ns, reason) in unknown)
        {
            if (ns is null)
            {
                all = reason;
            }
            else
            {
                some[ns] = reason;
            }
        }

        _unknown = some.ToImmutable();
        _allUnknown = all;
    }

    /// <summary>Services that come from now on are not heard of.</summary>
    public void End(string reason) => _allUnknown ??= reason;

    /// <summary>Says which namespaces have services. Only for the loop.</summary>
    public void SetPopulated(IEnumerable<string> namespaces) => _populated = namespaces.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private bool IsServed(ReadOnlySpan<char> ns) => Holds(_served, ns);

    private static bool Holds(FrozenSet<string> set, ReadOnlySpan<char> ns) =>
        set.Count > 0 && set.TryGetAlternateLookup<ReadOnlySpan<char>>(out var lookup) && lookup.Contains(ns);
}
