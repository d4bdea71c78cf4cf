namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>Which endpoint a hash leads to. Never changed after it was made.</summary>
internal abstract class HashTable
{
    /// <summary>How many attempts are worth asking for; beyond them the order is the endpoints' own.</summary>
    public abstract int Attempts { get; }

    /// <param name="hash">Of the request.</param>
    /// <param name="attempt">0 for the endpoint that the hash belongs to; others lead elsewhere, but not always to another endpoint.</param>
    /// <returns>An index of the endpoints that the table was made for.</returns>
    public abstract int Find(ulong hash, int attempt);
}
