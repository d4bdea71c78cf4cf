namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>Hashes nothing: chance decides for every request.</summary>
internal sealed class NoHash(Random random) : RequestHash(random)
{
    protected override bool TryHash(in PickContext context, out ulong hash)
    {
        hash = 0;
        return false;
    }
}
