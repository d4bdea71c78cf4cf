using System.Buffers;
using System.Globalization;
using System.Text;

namespace MeshSdk.Sources.Manifests;

/// <summary>The way from an object to a field while a tree is walked, written as Kubernetes writes it: <c>spec.rules[0].name</c>, <c>metadata.labels[a.b/c]</c>.</summary>
internal sealed class FieldPath
{
    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-$<");

    private readonly List<(string? Key, int Index)> _segments = [];

    public void Push(string key) => _segments.Add((key, 0));

    public void Push(int index) => _segments.Add((null, index));

    public void Pop() => _segments.RemoveAt(_segments.Count - 1);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (key, index) in _segments)
        {
            if (key is null)
            {
                text.Append(CultureInfo.InvariantCulture, $"[{index}]");
            }
            else if (key.AsSpan().ContainsAnyExcept(PlainCharacters))
            {
                text.Append('[').Append(key).Append(']');
            }
            else
            {
                text.Append(text.Length > 0 ? "." : "").Append(key);
            }
        }

        return text.ToString();
    }
}
