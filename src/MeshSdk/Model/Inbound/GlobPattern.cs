using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>A text in which each star stands for any characters, or none. Compared without ever going back, so that no value makes it slow.</summary>
internal sealed class GlobPattern
{
    private readonly string _head;
    private readonly ImmutableArray<string> _middle;
    private readonly string? _tail;

    public GlobPattern(string text)
    {
        var parts = text.Split('*');
        _head = parts[0];
        _tail = parts.Length == 1 ? null : parts[^1];
        _middle = parts.Length <= 2 ? [] : [.. parts[1..^1].Where(static part => part.Length > 0)];
    }

    public bool Matches(ReadOnlySpan<char> value)
    {
        if (_tail is null)
        {
            return value.SequenceEqual(_head);
        }

        if (value.Length < _head.Length + _tail.Length || !value.StartsWith(_head) || !value.EndsWith(_tail))
        {
            return false;
        }

        // The leftmost place leaves the most for those that follow, so that no other has to be tried.
        var rest = value[_head.Length..^_tail.Length];
        foreach (var part in _middle)
        {
            var index = rest.IndexOf(part);
            if (index < 0)
            {
                return false;
            }

            rest = rest[(index + part.Length)..];
        }

        return true;
    }
}
