namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>
/// The table of Google's Maglev, entry by entry as Envoy fills it. A lookup is one division, and shares are more even than those of a ring of the
/// same size; when an endpoint leaves, about twice as many keys move.
/// </summary>
internal sealed class MaglevTable : HashTable
{
    private const int Free = -1;
    private readonly int[] _owners;

    /// <param name="hosts">At least one.</param>
    /// <param name="size">A prime; the next one is taken for what is none, for only under a prime does every host come by every entry.</param>
    public MaglevTable(HashedHosts hosts, int size)
    {
        while (!IsPrime(size))
        {
            size++;
        }

        _owners = new int[size];
        Array.Fill(_owners, Free);
        var most = hosts.Weights.Max();

        // The table depends on the order in which hosts take their entries, and must not on the order in which they became known.
        var rows = Array.ConvertAll(hosts.Keys, key => new Row(key, size));
        var order = Enumerable.Range(0, rows.Length).ToArray();
        Array.Sort(order, (a, b) => string.CompareOrdinal(hosts.Keys[a], hosts.Keys[b]));
        for (long round = 1, filled = 0; filled < size; round++)
        {
            for (var i = 0; i < order.Length && filled < size; i++)
            {
                // A host of the greatest weight takes an entry in every round, one of a third of it in every third.
                var weight = hosts.Weights[order[i]];
                ref var row = ref rows[order[i]];
                if (round * weight < row.Target)
                {
                    continue;
                }

                row.Target += most;
                while (_owners[row.Entry] != Free)
                {
                    row.Advance(size);
                }

                _owners[row.Entry] = order[i];
                row.Advance(size);
                filled++;
            }
        }
    }

    // Another try of the hash is no less likely to be lucky than the last one.
    public override int Attempts => 64;

    public ReadOnlySpan<int> Owners => _owners;

    // On later attempts nearly all bits are turned over, so that not all retries for one host fall on one other.
    public override int Find(ulong hash, int attempt) =>
        _owners[(int)((attempt == 0 ? hash : hash ^ (ulong.MaxValue - (ulong)attempt + 1)) % (ulong)_owners.Length)];

    private static bool IsPrime(int number)
    {
        for (var divisor = 2; (long)divisor * divisor <= number; divisor++)
        {
            if (number % divisor == 0)
            {
                return false;
            }
        }

        return number > 1;
    }

    // The order in which a host wants entries.
    private struct Row(string key, int size)
    {
        private readonly long _skip = (long)(XxHash.Of(key, seed: 1) % (ulong)(size - 1)) + 1;

        public long Entry { get; private set; } = (long)(XxHash.Of(key) % (ulong)size);

        public double Target { get; set; }

        public void Advance(int size)
        {
            Entry += _skip;
            if (Entry >= size)
            {
                Entry -= size;
            }
        }
    }
}
