using System.Runtime.InteropServices;

namespace MeshSdk.Transport;

/// <summary>
/// Counts the requests on an endpoint and knows when the last one has left a retired one. Lease and retirement share one word, so that
/// "acquire unless retired" and "last one out" are each a single atomic step: with two words a request could slip in between the last
/// look at the count and the disposal.
/// </summary>
/// <remarks>Padded: every request writes it, while the neighbours are only read.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct LeaseCounter
{
    private const int Retired = 1;
    private const int OneLease = 2;

    [FieldOffset(64)]
    private int _word;

    /// <summary>How many leases are out.</summary>
    public int Count => Volatile.Read(ref _word) >> 1;

    public bool IsRetired => (Volatile.Read(ref _word) & Retired) != 0;

    /// <summary>Takes a lease, whether retired or not.</summary>
    /// <returns>False where it is retired; the lease must be given back all the same.</returns>
    public bool Acquire() => (Interlocked.Add(ref _word, OneLease) & Retired) == 0;

    /// <returns>True where this was the last lease of a retired counter.</returns>
    public bool Release() => Interlocked.Add(ref _word, -OneLease) == Retired;

    /// <returns>True where no lease is out.</returns>
    public bool Retire() => (Interlocked.Or(ref _word, Retired) & ~Retired) == 0;
}
