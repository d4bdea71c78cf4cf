namespace MeshSdk.Sources.Manifests;

/// <summary>A value of a document with the line it stands on, whichever of YAML and JSON it was written in.</summary>
internal abstract class ManifestNode(int line)
{
    /// <summary>One-based.</summary>
    public int Line { get; } = line;

    /// <summary>Levels of nesting below this one.</summary>
    public int Depth { get; protected init; }

    /// <summary>About the number of characters that the value takes when written out.</summary>
    public long Size { get; protected init; }

    /// <summary>A list in here has an empty place. The API server refuses those where it knows the field.</summary>
    public bool HasNullItem { get; protected init; }
}

internal enum ScalarKind
{
    Null,
    True,
    False,
    Number,
    Text,
}

internal sealed class ScalarNode : ManifestNode
{
    public ScalarNode(int line, ScalarKind kind, string text)
        : base(line)
    {
        Kind = kind;
        Text = text;
        Size = text.Length + 1;
    }

    public ScalarKind Kind { get; }

    /// <summary>For numbers JSON, for all else what was written.</summary>
    public string Text { get; }
}

internal sealed class SequenceNode : ManifestNode
{
    public SequenceNode(int line, IReadOnlyList<ManifestNode> items)
        : base(line)
    {
        Items = items;
        foreach (var item in items)
        {
            Depth = Math.Max(Depth, item.Depth + 1);
            Size += item.Size + 1;
            HasNullItem |= item.HasNullItem || item is ScalarNode { Kind: ScalarKind.Null };
        }
    }

    public IReadOnlyList<ManifestNode> Items { get; }
}

internal sealed class MappingNode : ManifestNode
{
    private readonly IReadOnlyList<int>? _lines;

    /// <param name="line">Where it begins.</param>
    /// <param name="entries">In the order written.</param>
    /// <param name="lines">Those of the keys, in the same order; null where nobody is to be told.</param>
    public MappingNode(int line, IReadOnlyList<KeyValuePair<string, ManifestNode>> entries, IReadOnlyList<int>? lines = null)
        : base(line)
    {
        Entries = entries;
        _lines = lines;
        foreach (var (key, value) in entries)
        {
            Depth = Math.Max(Depth, value.Depth + 1);
            Size += key.Length + value.Size + 1;
            HasNullItem |= value.HasNullItem;
        }
    }

    public IReadOnlyList<KeyValuePair<string, ManifestNode>> Entries { get; }

    public ManifestNode? this[string key]
    {
        get
        {
            foreach (var entry in Entries)
            {
                if (entry.Key == key)
                {
                    return entry.Value;
                }
            }

            return null;
        }
    }

    /// <summary>The line that a key stands on, which that of its value need not be; null where there is no such key.</summary>
    public int? LineOf(string key)
    {
        for (var i = 0; i < Entries.Count; i++)
        {
            if (Entries[i].Key == key)
            {
                return _lines?[i] ?? Entries[i].Value.Line;
            }
        }

        return null;
    }

    /// <summary>The text under a key; null where there is none or something else.</summary>
    public string? Text(string key) => this[key] is ScalarNode { Kind: ScalarKind.Text } scalar ? scalar.Text : null;
}
