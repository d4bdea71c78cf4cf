using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>What consistent hashing looks at, and how large its table is.</summary>
/// <param name="Source">Which part of a request.</param>
/// <param name="Name">Of the header, the cookie or the query parameter; empty for the caller's address and for nothing.</param>
internal sealed record HashModel(HashSource Source, string Name)
{
    public const int DefaultRingSize = 1024;

    /// <summary>The largest ring that Envoy makes.</summary>
    public const int LargestRing = 8 * 1024 * 1024;

    public const int DefaultTableSize = 65537;

    /// <summary>For a cookie: how long one lives that the mesh makes where a request has none; zero for one of the session, null where none is made.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>For a cookie that the mesh makes; null for none.</summary>
    public string? Path { get; init; }

    /// <summary>Further attributes of a cookie that the mesh makes, as written.</summary>
    public ImmutableArray<(string Name, string Value)> Attributes { get; init; } = [];

    /// <summary>The fewest entries of a ring.</summary>
    public int RingSize { get; init; } = DefaultRingSize;

    /// <summary>The entries of a Maglev table, a prime.</summary>
    public int TableSize { get; init; } = DefaultTableSize;

    /// <summary>By what it says: a policy that is compiled again from the same text is the same, and rings and tables stay.</summary>
    public bool Equals(HashModel? other) =>
        other is not null
        && (Source, Name, Ttl, Path, RingSize, TableSize) == (other.Source, other.Name, other.Ttl, other.Path, other.RingSize, other.TableSize)
        && Attributes.AsSpan().SequenceEqual(other.Attributes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Source, Name, Ttl, Path, RingSize, TableSize);
}

internal enum HashSource
{
    /// <summary>Nothing, so that each request goes to any endpoint, as a proxy does it with one that has no hash.</summary>
    None,

    Header,
    Cookie,

    /// <summary>The address of the caller itself.</summary>
    SourceAddress,
    QueryParameter,
}
