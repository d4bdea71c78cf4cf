namespace MeshSdk.Routing.Matching;

/// <summary>
/// The candidates for requests of one path. Where there are many, each that asks for exact values is filed under the one that the fewest others ask for
/// too: a hundred header sets that differ in the value of one header cost one look at that header.
/// </summary>
internal sealed class CandidateSet
{
    /// <summary>No position; greater than all.</summary>
    public const int None = int.MaxValue;

    // Two look-ups cost about as much as trying so many.
    private const int MostToScan = 4;

    private readonly ValueTable[] _tables;
    private readonly HeaderNameTable? _named;
    private readonly Candidate[] _scanned;

    private CandidateSet(ValueTable[] tables, HeaderNameTable? named, Candidate[] scanned, int first) =>
        (_tables, _named, _scanned, First) = (tables, named, scanned, first);

    /// <summary>The lowest position.</summary>
    public int First { get; }

    /// <param name="candidates">At least one, in order of their positions.</param>
    public static CandidateSet Build(List<Candidate> candidates) => Build(candidates, []);

    /// <summary>The position of the first candidate that holds, or <paramref name="limit"/> where that comes before.</summary>
    public int Find(scoped in RequestFacts facts, int limit)
    {
        var best = limit;
        foreach (var table in _tables)
        {
            if (table.First < best && table.Find(facts) is { } filed && filed.First < best)
            {
                best = filed.Find(facts, best);
            }
        }

        best = _named is null ? best : _named.Find(facts, best);
        return Candidate.FirstOf(_scanned, facts, best);
    }

    private static CandidateSet Build(List<Candidate> candidates, HashSet<ValueSource> known)
    {
        var first = candidates[0].Position;
        if (candidates.Count <= MostToScan)
        {
            return new CandidateSet([], null, [.. candidates], first);
        }

        var (filed, scanned) = File(candidates, known);
        var tables = new List<ValueTable>();
        foreach (var (source, values) in filed)
        {
            if (values.Sum(static v => v.Value.Count) <= MostToScan)
            {
                // A look into the table for each of its few is no gain.
                scanned.AddRange(values.SelectMany(static v => v.Value));
            }
            else
            {
                HashSet<ValueSource> inner = [.. known, source];
                tables.Add(new ValueTable(source, values.Select(v => KeyValuePair.Create(v.Key, Build(v.Value, inner)))));
            }
        }

        scanned.Sort(static (left, right) => left.Position.CompareTo(right.Position));
        var named = HeaderNameTable.TakeFrom(scanned);
        return new CandidateSet([.. tables.OrderBy(static t => t.First)], named, [.. scanned], first);
    }

    /// <summary>Puts each candidate under the exact value that tells it best from the others; null for those that ask for none.</summary>
    private static (Dictionary<ValueSource, Dictionary<string, List<Candidate>>> Filed, List<Candidate> Scanned) File(
        List<Candidate> candidates, HashSet<ValueSource> known)
    {
        var sources = new Dictionary<ValueSource, int>();
        var values = new Dictionary<(ValueSource, string), int>();
        foreach (var candidate in candidates)
        {
            foreach (var (source, value) in ValueSource.ExactValues(candidate.Match))
            {
                sources[source] = sources.GetValueOrDefault(source) + 1;
                values[(source, value)] = values.GetValueOrDefault((source, value)) + 1;
            }
        }

        var filed = new Dictionary<ValueSource, Dictionary<string, List<Candidate>>>();
        var scanned = new List<Candidate>();
        foreach (var candidate in candidates)
        {
            (ValueSource Source, string Value)? best = null;
            foreach (var key in ValueSource.ExactValues(candidate.Match))
            {
                if (!known.Contains(key.Source) && (best is not { } other || IsBetter(key, other)))
                {
                    best = key;
                }
            }

            if (best is not { } chosen)
            {
                scanned.Add(candidate);
                continue;
            }

            if (!filed.TryGetValue(chosen.Source, out var table))
            {
                filed.Add(chosen.Source, table = new Dictionary<string, List<Candidate>>(StringComparer.Ordinal));
            }

            if (!table.TryGetValue(chosen.Value, out var list))
            {
                table.Add(chosen.Value, list = []);
            }

            list.Add(candidate);
        }

        return (filed, scanned);

        // The fewer share a value the better; of those that as many share, the one of the source that most ask for, so that there are few tables.
        bool IsBetter((ValueSource Source, string Value) left, (ValueSource Source, string Value) right) =>
            values[left] != values[right] ? values[left] < values[right] : sources[left.Source] > sources[right.Source];
    }
}
