using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace MeshSdk.Model;

/// <summary>Some names, each once and in order, which equal others by what they are: so that a connection can be told to be still the right one.</summary>
[CollectionBuilder(typeof(NameSet), nameof(Create))]
internal sealed class NameSet : IEquatable<NameSet>, IReadOnlyList<string>
{
    private readonly ImmutableArray<string> _names;

    private NameSet(ImmutableArray<string> names) => _names = names;

    public static NameSet Empty { get; } = new([]);

    public int Count => _names.Length;

    public bool IsEmpty => _names.IsEmpty;

    public string this[int index] => _names[index];

    public static NameSet Create(ReadOnlySpan<string> names) =>
        names.IsEmpty ? Empty : new NameSet([.. names.ToArray().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    public bool Contains(string name) => _names.AsSpan().BinarySearch(name, StringComparer.Ordinal) >= 0;

    public bool Equals(NameSet? other) => other is not null && (ReferenceEquals(this, other) || _names.AsSpan().SequenceEqual(other._names.AsSpan()));

    public override bool Equals(object? obj) => Equals(obj as NameSet);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var name in _names)
        {
            hash.Add(name, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_names).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(", ", _names);
}
