using MeshSdk.Resilience;

namespace MeshSdk.Http;

/// <summary>The calls that are not in use. What one knows of its request is most of what the mesh would allocate for it.</summary>
internal sealed class RuleCallPool
{
    private readonly IdleObjects<RuleCall> _idle = new();

    public RuleCall Rent(MeshEngine engine) => _idle.TryTake(out var call) ? call : new RuleCall(engine, this);

    /// <summary>Takes back a call that has let go of its request.</summary>
    public void Return(RuleCall call) => _idle.TryAdd(call);
}
