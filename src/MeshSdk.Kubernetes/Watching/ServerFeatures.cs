namespace MeshSdk.Kubernetes.Watching;

/// <summary>What was found out about a server and holds for all that is watched on it.</summary>
internal sealed class ServerFeatures
{
    private volatile bool _lacksInitialEvents;

    /// <summary>Whether a watch can begin with all that there is, so that no list is needed. Taken for granted until it turns out otherwise.</summary>
    public bool HasInitialEvents => !_lacksInitialEvents;

    /// <returns>Whether this is news.</returns>
    public bool LacksInitialEvents()
    {
        var isNews = !_lacksInitialEvents;
        _lacksInitialEvents = true;
        return isNews;
    }
}
