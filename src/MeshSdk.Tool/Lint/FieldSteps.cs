using System.Globalization;

namespace MeshSdk.Tool.Lint;

/// <summary>One step of the way to a field: into a mapping by name, or into a list by position.</summary>
internal readonly record struct FieldStep(string Name, int? Index);

/// <summary>Takes paths apart, as problems have them: <c>spec.rules[0].name</c>, <c>metadata.labels[a.b/c]</c>.</summary>
internal static class FieldSteps
{
    public static IEnumerable<FieldStep> Of(string path)
    {
        for (var at = 0; at < path.Length;)
        {
            if (path[at] == '.')
            {
                at++;
            }
            else if (path[at] == '[')
            {
                var close = path.IndexOf(']', at);
                var end = close < 0 ? path.Length : close;
                var inside = path[(at + 1)..end];
                yield return int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? new(inside, index) : new(inside, null);
                at = end + 1;
            }
            else
            {
                var end = path.AsSpan(at).IndexOfAny('.', '[');
                var name = end < 0 ? path[at..] : path.Substring(at, end);
                yield return new(name, null);
                at += name.Length;
            }
        }
    }
}
