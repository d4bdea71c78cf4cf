using MeshSdk.Model;

namespace MeshSdk.Routing.Matching;

/// <summary>
/// Exact paths and prefixes, found by one walk over a path: a hash that grows with each character is looked up wherever an element ends. So the cost is
/// that of the path's length, whatever the number of paths in the table.
/// </summary>
internal sealed class PathTable
{
    // FNV-1a; two different paths that share a hash are told apart by their text.
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private readonly Dictionary<ulong, Node> _nodes = [];
    private readonly int _longest = -1;

    public PathTable(Dictionary<(PathMatchKind Kind, string Value), List<Candidate>> paths)
    {
        foreach (var ((kind, value), candidates) in paths)
        {
            var node = GetOrAdd(value);
            var set = CandidateSet.Build(candidates);
            if (kind == PathMatchKind.Exact)
            {
                node.Exact = set;
            }
            else
            {
                node.Prefix = set;
            }

            _longest = Math.Max(_longest, value.Length);
        }

        foreach (var (_, value) in paths.Keys)
        {
            var node = Get(Hash(value), value)!;
            node.Outer = Innermost(value, node, out _);
        }
    }

    /// <summary>The position of the first candidate that holds, or <see cref="CandidateSet.None"/>.</summary>
    public int Find(scoped in RequestFacts facts)
    {
        var prefix = Innermost(facts.Path, null, out var hash);
        var best = CandidateSet.None;
        if (facts.Path.Length <= _longest && Get(hash, facts.Path) is { Exact: { } exact })
        {
            best = exact.Find(facts, best);
        }

        for (; prefix is not null; prefix = prefix.Outer)
        {
            if (prefix.Prefix!.First < best)
            {
                best = prefix.Prefix.Find(facts, best);
            }
        }

        return best;
    }

    /// <summary>The longest prefix of a path that the table has, other than <paramref name="self"/>.</summary>
    /// <param name="hash">Of the whole path, unless that is longer than any of the table's.</param>
    private Node? Innermost(ReadOnlySpan<char> path, Node? self, out ulong hash)
    {
        Node? innermost = null;
        hash = Basis;
        var end = Math.Min(path.Length, _longest);
        for (var i = 0; i <= end; i++)
        {
            var isOver = i == path.Length;
            if ((isOver || path[i] == '/') && Get(hash, path[..i]) is { Prefix: not null } node && node != self)
            {
                innermost = node;
            }

            if (!isOver)
            {
                hash = (hash ^ path[i]) * Prime;
            }
        }

        return innermost;
    }

    private Node? Get(ulong hash, ReadOnlySpan<char> path)
    {
        if (_nodes.TryGetValue(hash, out var node))
        {
            while (node is not null && !path.SequenceEqual(node.Value))
            {
                node = node.Next;
            }
        }

        return node;
    }

    private Node GetOrAdd(string value)
    {
        var hash = Hash(value);
        if (Get(hash, value) is { } known)
        {
            return known;
        }

        var node = new Node(value, _nodes.GetValueOrDefault(hash));
        _nodes[hash] = node;
        return node;
    }

    private static ulong Hash(string text)
    {
        var hash = Basis;
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return hash;
    }

    /// <summary>One path, as an exact one and as a prefix.</summary>
    private sealed class Node(string value, Node? next)
    {
        public string Value { get; } = value;

        /// <summary>Another path with the same hash.</summary>
        public Node? Next { get; } = next;

        public CandidateSet? Exact { get; set; }

        public CandidateSet? Prefix { get; set; }

        /// <summary>The longest prefix around this path: who matches this matches that one too.</summary>
        public Node? Outer { get; set; }
    }
}
