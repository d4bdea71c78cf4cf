using MeshSdk.Compilation;
using MeshSdk.Compilation.Policies;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

// What the ConfigMap of the mesh says: the namespace whose rules count everywhere, unless an option does, and what else has to be read.
internal sealed partial class ClusterFollower
{
    private readonly Dictionary<string, List<WatchedSet>> _rootSets = new(StringComparer.Ordinal);
    private MeshConfigMap? _config;
    private ResourceKey? _heldConfig;

    /// <summary>Takes over what the mesh needs nodes and pods for, and follows the rules of the namespace that the mesh names as its own. Once begun they are kept: few change their mind about it.</summary>
    private void FollowConfig(ResourceKey key, MeshConfigMap? config)
    {
        var caller = _settings.Caller;
        if (config is null)
        {
            _heldConfig = null;
        }

        // As the store has it, which keeps the version before one that is broken.
        if (config is not null && _config is not null && !MeshConfigReader.Replaces(_config, config))
        {
            return;
        }

        _config = config;
        var stated = config is null ? MeshConfig.Empty : MeshConfigReader.Read(config, new DiagnosticList());
        _nodeDemand.Set(key, config);
        _podDemand.Set(stated.Defaults, stated.Settings.AutoMtls);
        if (caller.StatesRootNamespace)
        {
            return;
        }

        var root = stated.RootNamespace ?? caller.RootNamespace;
        if (root == _podDemand.RootNamespace)
        {
            return;
        }

        _podDemand.RootNamespace = root;
        _certificates.RootNamespace = root;
        _certificatesChanged = true;
        if (root == caller.RootNamespace || _rootSets.ContainsKey(root))
        {
            return;
        }

        var sets = _rootSets[root] = [];
        foreach (var kind in WatchedKinds.Configuration.Where(kind => AreasOf(kind, root).Contains(root) && !AreasOf(kind, caller.RootNamespace).Contains(root)))
        {
            var set = OpenArea(kind, root);
            sets.Add(set);
            _deadlines.After(_settings.FirstCallTimeout, () => Sets.GiveUp(set));
        }
    }

    /// <summary>Nothing waits for the ConfigMap alone: when all else has been there for a while, the beginning is complete without it.</summary>
    private void AwaitConfig(WatchedSet config) => _deadlines.After(_settings.FirstCallTimeout, () =>
    {
        if (config.IsSettled)
        {
            return;
        }

        if (_areaSets.TrueForAll(set => set == config || set.IsKnown || set.IsForbidden))
        {
            Sets.GiveUp(config);
        }
        else
        {
            AwaitConfig(config);
        }
    });

    /// <summary>A change of the namespace waits for its rules: until they are read it could not be told what applies to anything.</summary>
    private bool IsConfigHeld(ResourceKey key)
    {
        var isHeld = IsSynced && _rootSets.GetValueOrDefault(_podDemand.RootNamespace, []).Exists(static set => !set.IsSettled);
        _heldConfig = isHeld ? key : null;
        return isHeld;
    }
}
