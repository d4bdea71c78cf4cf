namespace MeshSdk.Sources.Manifests;

/// <summary>Collects the entries of a mapping; tells keys that come twice.</summary>
internal sealed class MappingBuilder
{
    private const int LinearSearchLimit = 12;

    private readonly List<KeyValuePair<string, ManifestNode>> _entries = [];
    private readonly List<int> _lines = [];
    private HashSet<string>? _keys;

    /// <param name="line">That of the key.</param>
    public bool TryAdd(string key, ManifestNode value, int line)
    {
        if (Contains(key))
        {
            return false;
        }

        _entries.Add(new(key, value));
        _lines.Add(line);
        _keys?.Add(key);
        return true;
    }

    public MappingNode Build(int line) => new(line, _entries, _lines);

    private bool Contains(string key)
    {
        if (_keys is null && _entries.Count > LinearSearchLimit)
        {
            _keys = new(_entries.Select(entry => entry.Key), StringComparer.Ordinal);
        }

        return _keys?.Contains(key) ?? _entries.Exists(entry => entry.Key == key);
    }
}
