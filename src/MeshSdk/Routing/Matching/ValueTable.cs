namespace MeshSdk.Routing.Matching;

/// <summary>Candidates by the value that they ask one header or query parameter for.</summary>
internal sealed class ValueTable
{
    private readonly ValueSource _source;
    private readonly Dictionary<string, CandidateSet> _sets;
    private readonly Dictionary<string, CandidateSet>.AlternateLookup<ReadOnlySpan<char>> _spans;

    public ValueTable(ValueSource source, IEnumerable<KeyValuePair<string, CandidateSet>> sets)
    {
        _source = source;
        _sets = new Dictionary<string, CandidateSet>(sets, StringComparer.Ordinal);
        _spans = _sets.GetAlternateLookup<ReadOnlySpan<char>>();
        First = _sets.Values.Min(static set => set.First);
    }

    /// <summary>The lowest position in any of them.</summary>
    public int First { get; }

    /// <summary>Those that ask for what the request has; null where none does.</summary>
    public CandidateSet? Find(scoped in RequestFacts facts)
    {
        if (_source.IsHeader)
        {
            return HeaderMatcher.Find(_source.Name, facts.Request) is { } value ? _sets.GetValueOrDefault(value) : null;
        }

        return facts.Query.TryGet(_source.Name, out var parameter) && _spans.TryGetValue(parameter, out var set) ? set : null;
    }
}
