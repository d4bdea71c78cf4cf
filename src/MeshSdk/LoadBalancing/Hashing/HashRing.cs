using System.IO.Hashing;
using System.Numerics;
using System.Text;
using System.Text.Unicode;

namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>
/// A ring of hashes (ketama), position by position as Envoy makes it: whoever knows the same endpoints, a proxy or another client, leads a key to the
/// same one of them. Where weights are equal the order of the endpoints plays no part.
/// </summary>
internal sealed class HashRing : HashTable
{
    // Not changed once the ring is made.
    private ulong[] _positions;
    private int[] _owners;

    // By the upper bits of a hash, the first position that can be its own: a search then takes a step or two, however large the ring.
    private readonly int[] _starts;
    private readonly int _shift;

    /// <param name="hosts">At least one.</param>
    /// <param name="minSize">The fewest positions.</param>
    /// <param name="maxSize">The most; not fewer than <paramref name="minSize"/>.</param>
    public HashRing(HashedHosts hosts, int minSize, int maxSize)
    {
        // As many as make a whole number of positions for the least weight.
        var least = hosts.Weights.Min();
        var scale = Math.Min(Math.Ceiling(least * Math.Max(1, minSize)) / least, maxSize);
        _positions = new ulong[(int)Math.Ceiling(scale)];
        _owners = new int[_positions.Length];
        var placed = 0;
        double target = 0;
        Span<byte> key = stackalloc byte[128];
        for (var i = 0; i < hosts.Keys.Length; i++)
        {
            var stem = Encoding.UTF8.GetBytes($"{hosts.Keys[i]}_", key);

            // Sums that run over all hosts: a fraction of a position that one host did not get is the next one's.
            target += scale * hosts.Weights[i];
            for (var n = 0; placed < target; n++, placed++)
            {
                Utf8.TryWrite(key[stem..], $"{n}", out var digits);
                Place(placed, XxHash64.HashToUInt64(key[..(stem + digits)]), i);
            }
        }

        // Fewer where a locality has a share and no endpoint.
        Array.Resize(ref _positions, placed);
        Array.Resize(ref _owners, placed);
        Array.Sort(_positions, _owners);
        var bits = BitOperations.Log2((uint)Math.Max(2, _positions.Length));
        _shift = 64 - bits;
        _starts = new int[1 << bits];
        for (int bucket = 0, at = 0; bucket < _starts.Length; bucket++)
        {
            while (at < _positions.Length && _positions[at] < (ulong)bucket << _shift)
            {
                at++;
            }

            _starts[bucket] = at;
        }
    }

    // The sums may be off by the last bit of a fraction, and come to one more than was asked for.
    private void Place(int index, ulong position, int owner)
    {
        if (index == _positions.Length)
        {
            Array.Resize(ref _positions, index + 1);
            Array.Resize(ref _owners, index + 1);
        }

        (_positions[index], _owners[index]) = (position, owner);
    }

    /// <summary>How many positions there are.</summary>
    public int Size => _positions.Length;

    public override int Attempts => Size;

    /// <summary>Position and owner, in ascending order.</summary>
    public (ulong Position, int Owner) this[int index] => (_positions[index], _owners[index]);

    public override int Find(ulong hash, int attempt) => _owners[(int)(((uint)IndexOf(hash) + (uint)attempt) % (uint)Size)];

    /// <summary>The first position at or after a hash; after the last comes the first.</summary>
    public int IndexOf(ulong hash)
    {
        var positions = _positions;
        var at = _starts[hash >> _shift];
        while (at < positions.Length && positions[at] < hash)
        {
            at++;
        }

        return at < positions.Length ? at : 0;
    }
}
