using MeshSdk.Model;

namespace MeshSdk.Runtime;

internal sealed partial class MeshRuntime
{
    private readonly TornServices _torn = new();
    private volatile MeshSnapshot _snapshot = MeshSnapshot.Empty;
    private volatile Exception? _unpublished;

    /// <summary>The last snapshot that is in force as a whole.</summary>
    public MeshSnapshot Snapshot => _snapshot;

    public void Publish(MeshSnapshot snapshot, IReadOnlyCollection<ServiceId> changed)
    {
        var previous = _snapshot;
        try
        {
            Apply(previous, snapshot, changed);
        }
        catch
        {
            _torn.Note(snapshot, changed);
            throw;
        }

        Follow(snapshot.Mesh.Proxy);
        _torn.Clear();
        _unpublished = null;

        // Last: who sees the new revision may rely on what came with it.
        _snapshot = snapshot;
        LogChange(previous, snapshot, changed);
    }

    public void Failed(Exception error)
    {
        _unpublished = error;
        LogPublishFailed(error.Message, error);
    }

    // Endpoints first, then the routes that lead to them, and only then does what no route leads to any more go: a request never meets a
    // gap between the two.
    private void Apply(MeshSnapshot previous, MeshSnapshot snapshot, IReadOnlyCollection<ServiceId> changed)
    {
        // Before the endpoints: what is dialled from here on goes by it.
        Identity.Apply(snapshot.Mesh);

        // Who may call is no matter of what is called: trouble with the latter must not keep a policy from coming into force.
        Adopt(snapshot.Inbound);
        foreach (var id in changed)
        {
            if (snapshot.Services.TryGetValue(id, out var service))
            {
                _clusters.Apply(service);
            }
        }

        foreach (var id in changed)
        {
            _frontends.Apply(id, _torn.InForce(previous, id), snapshot.Services.GetValueOrDefault(id));
        }

        foreach (var id in changed)
        {
            _clusters.Retire(_torn.InForce(previous, id), snapshot.Services.GetValueOrDefault(id));
        }
    }

    public void Synced()
    {
        LogReady(Snapshot.Services.Count, Snapshot.Services.Values.Sum(static s => s.Clusters.Sum(static c => c.Endpoints.Length)));
        Engine.Gate.Open();
        _synced.TrySetResult();
    }
}
