using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

// The Secrets and ConfigMaps that policies for followed services name, each watched alone by its name. A policy waits for what it names, and only so long:
// in the moment between, its calls would fail for something that is on its way.
internal sealed partial class ClusterFollower
{
    private readonly CertificateDemand _certificates;
    private readonly Dictionary<ResourceKey, WatchedSet> _certificateSets = [];
    private readonly HashSet<ResourceKey> _heldPolicies = [];
    private bool _certificatesChanged;

    private void FollowCertificates()
    {
        if (!_certificatesChanged)
        {
            return;
        }

        _certificatesChanged = false;
        var wanted = _certificates.IsEmpty || !Peers.AreVerified ? [] : _certificates.For(ServicesInReach());
        foreach (var key in wanted.Where(key => !_certificateSets.ContainsKey(key)))
        {
            var kind = key.Kind == CertificateSecret.KindName ? WatchedKinds.Secrets : WatchedKinds.CertificateMaps;
            var set = Sets.Open(kind.Target with { Namespace = key.Namespace, OnlyName = key.Name }, service: null);
            _certificateSets.Add(key, set);
            _deadlines.After(_settings.FirstCallTimeout, () => Sets.GiveUp(set));
        }

        // What was named before is in force until what is named now is there.
        if (!HasCertificates)
        {
            _certificatesChanged = true;
            return;
        }

        foreach (var (key, set) in _certificateSets.Where(entry => !wanted.Contains(entry.Key)).ToArray())
        {
            _certificateSets.Remove(key);
            Sets.Close(set);
        }
    }

    /// <summary>Those that are called, or that may be.</summary>
    private HashSet<ServiceId> ServicesInReach() => _settings.IsOnDemand
        ? [.. _followed.Keys]
        : [.. _areaSets.Where(static set => set.Kind == "Service").SelectMany(static set => set.Objects.Keys).Select(static key => new ServiceId(key.Namespace, key.Name))];

    private bool HasCertificates => _certificateSets.Values.All(static set => set.IsSettled);

    private bool AwaitsCertificates(ResourceKey key, Resource policy)
    {
        var isHeld = IsSynced && _certificates.NamedBy(policy).Any(named => _certificateSets.GetValueOrDefault(named) is { IsSettled: false });
        if (isHeld)
        {
            _heldPolicies.Add(key);
        }
        else
        {
            _heldPolicies.Remove(key);
        }

        return isHeld;
    }
}
