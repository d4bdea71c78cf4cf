using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Scopes;

// What the mesh is told beside the objects: what is not known, what is wrong, and that the beginning is complete.
internal sealed partial class ClusterFollower
{
    private ImmutableArray<UnknownScope> _unknown = [];
    private ImmutableArray<MeshDiagnostic> _problems = [];
    private (long Sets, long Graph) _reported = (-1, -1);
    private long _graphVersion;

    private ResourceEvent? Report(ResourceEvent? change)
    {
        var synced = !IsSynced && IsComplete;
        if (_reported != (Sets.Version, _graphVersion) || synced)
        {
            _reported = (Sets.Version, _graphVersion);
            var unknown = UnknownScopes();
            var problems = Problems();
            if (!unknown.SequenceEqual(_unknown))
            {
                _unknown = unknown;
                change = (change ?? new ResourceEvent()) with { Unknown = unknown };
            }

            if (!problems.SequenceEqual(_problems))
            {
                _problems = problems;
                change = (change ?? new ResourceEvent()) with { Problems = problems };
            }

            _namespaces.SetUnknown(_areaSets
                .Where(static set => set is { Kind: "Service", IsKnown: false })
                .Select(static set => (set.Target.Namespace, set.Reason)));
        }

        if (synced)
        {
            IsSynced = true;
            change = (change ?? new ResourceEvent()) with { Synced = true };
        }

        return change;
    }

    private ImmutableArray<UnknownScope> UnknownScopes()
    {
        var scopes = Sets.All.Where(IsToldAsUnknown).Select(static set => new UnknownScope(set.Kind, set.Target.Namespace, set.Service?.Name ?? set.Target.OnlyName, set.Reason));
        var late = _unreleased.Where(IsLate).Select(static followed => new UnknownScope(
            "Service", followed.Id.Namespace, followed.Id.Name, "It has been read, and waits for what its routes lead to."));
        var refused = _refused.Select(id => new UnknownScope("Service", id.Namespace, id.Name, CapReason(_settings.MaxServices)));
        var foreign = UnservedBackends().Select(static id => new UnknownScope(
            "Service", id.Namespace, id.Name, $"Namespace {id.Namespace} is not served; it can be added to Mesh:Kubernetes:{nameof(MeshKubernetesOptions.Namespaces)}."));
        return
        [
            .. scopes.Concat(late).Concat(refused).Concat(foreign)
                .OrderBy(static scope => scope.Kind, StringComparer.Ordinal)
                .ThenBy(static scope => scope.Namespace, StringComparer.Ordinal)
                .ThenBy(static scope => scope.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// What is merely on its way is not worth a word while nothing that is in force depends on it: what waits for it is held back.
    /// </summary>
    private bool IsToldAsUnknown(WatchedSet set) => !set.IsKnown && !_placeSets.Contains(set) && (!WatchedKinds.Of(set.Target).IsAdvisory || DecidesOnCallers(set))
        && (set.IsForbidden || set.IsOverdue || set.Service is not { } id || (_followed.TryGetValue(id, out var followed) && followed.IsReleased));

    /// <summary>
    /// Whose policies count for callers, as whom these come and how paths are normalized, the ConfigMap of the mesh says. What options say instead is not for
    /// here to judge. In a cluster that has no such policies it decides on nothing, and there need be no grant for it.
    /// </summary>
    private bool DecidesOnCallers(WatchedSet set) => Peers.ServesInbound
        && WatchedKinds.Of(set.Target) == WatchedKinds.MeshConfig
        && _areaSets.Exists(static area =>
            area.Kind is PeerAuthentication.KindName or AuthorizationPolicy.KindName
            && area.Condition.State != WatchState.NotInstalled);

    /// <summary>
    /// Routes in force may lead to a service that was given up. It stays unknown until it is delivered: in the moment between it would be one
    /// that does not exist.
    /// </summary>
    private static bool IsLate(FollowedService followed)
    {
        followed.IsToldAsUnknown = !followed.IsAbsent && (followed.IsToldAsUnknown || followed.Service is { IsKnown: false, IsSettled: true });
        return followed.IsToldAsUnknown && followed.Service.IsKnown;
    }

    private IEnumerable<ServiceId> UnservedBackends()
    {
        var backends = _settings.Scope switch
        {
            MeshKubernetesScope.Cluster => [],
            MeshKubernetesScope.Namespaces => _wantedRoutes.Backends,
            _ => _followed.Keys.SelectMany(_wantedRoutes.BackendsOf),
        };
        return backends.Where(id => !_settings.Serves(id.Namespace)).Distinct();
    }

    private ImmutableArray<MeshDiagnostic> Problems()
    {
        var problems = ImmutableArray.CreateBuilder<MeshDiagnostic>();
        if (_servesSnapshot && Sets.HasRestored)
        {
            problems.Add(new MeshDiagnostic(
                DiagnosticSeverity.Warning,
                "ServedFromSnapshot",
                "Kubernetes",
                "",
                $"The API server has not said all it knows since the start; what it has not said is served from a snapshot of {_snapshotTime.UtcDateTime:u}."));
        }

        // One line for all services of a namespace.
        var lost = Sets.All
            .Where(static set => set.IsKnown && (set.IsForbidden || (set.IsStale && set.Restored is null)))
            .GroupBy(static set => (set.Target.Resource, set.Target.Namespace, set.Target.OnlyName, set.IsForbidden))
            .OrderBy(static group => group.Key.Resource, StringComparer.Ordinal)
            .ThenBy(static group => group.Key.Namespace, StringComparer.Ordinal)
            .ThenBy(static group => group.Key.OnlyName, StringComparer.Ordinal);
        foreach (var group in lost)
        {
            var area = WatchedKinds.Of(group.First().Target).Target with { Namespace = group.Key.Namespace, OnlyName = group.Key.OnlyName };
            var detail = group.Select(static set => set.Condition.Detail).FirstOrDefault(static detail => detail.Length > 0) ?? "";
            problems.Add(new MeshDiagnostic(
                DiagnosticSeverity.Warning,
                group.Key.IsForbidden ? "Forbidden" : "Stale",
                area.ToString(),
                "",
                $"{(group.Key.IsForbidden
                    ? "They may not be read any more"
                    : $"Nothing has been heard of them for more than {_settings.StaleAfter.TotalSeconds:0.###} s")}; the last known ones stay in force{
                    (detail.Length > 0 ? $": {detail}" : ".")}"));
        }

        problems.AddRange(
            from set in Sets.All
            where set is { IsForbidden: true, IsKnown: false }
            let kind = WatchedKinds.Of(set.Target)
            where kind.IsAdvisory && !set.Target.IsSeldomGranted
            select new MeshDiagnostic(
                kind.IsOptional ? DiagnosticSeverity.Info : DiagnosticSeverity.Warning, "Forbidden", set.Target.ToString(), "", $"{kind.Without}: {set.Reason}"));
        problems.AddRange(Sets.All.SelectMany(static set => set.Problems));
        return problems.ToImmutable();
    }

    private void ScheduleStaleCheck() => _deadlines.After(
        TimeSpan.FromTicks(Math.Clamp(_settings.StaleAfter.Ticks / 4, TimeSpan.TicksPerSecond, 10 * TimeSpan.TicksPerSecond)),
        () =>
        {
            ScheduleStaleCheck();
            Sets.MarkStale(_settings.StaleAfter);
        });
}
