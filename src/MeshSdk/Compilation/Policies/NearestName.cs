namespace MeshSdk.Compilation.Policies;

/// <summary>Which of some known names somebody may have meant who wrote another one.</summary>
internal static class NearestName
{
    // A name that nobody misspells so is not worth the work that it costs to compare it.
    private const int LongestName = 64;

    /// <summary>Null where none is close: a wrong guess is worse than none.</summary>
    public static string? Of(string name, ReadOnlySpan<string> known)
    {
        if (name.Length > LongestName)
        {
            return null;
        }

        string? nearest = null;
        var least = Math.Max(1, name.Length / 3) + 1;
        foreach (var candidate in known)
        {
            var distance = IsPart(name, candidate) ? 1 : Distance(name, candidate);
            if (distance < least)
            {
                (nearest, least) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>What was cut short, or has something added.</summary>
    private static bool IsPart(string name, string candidate) =>
        name.Length >= 4
        && (candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase) || name.StartsWith(candidate, StringComparison.OrdinalIgnoreCase));

    /// <summary>How many letters have to be put in, taken out or replaced; upper and lower case are one.</summary>
    private static int Distance(string from, string to)
    {
        var row = new int[to.Length + 1];
        for (var column = 0; column <= to.Length; column++)
        {
            row[column] = column;
        }

        for (var line = 1; line <= from.Length; line++)
        {
            var diagonal = row[0];
            row[0] = line;
            for (var column = 1; column <= to.Length; column++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(from[line - 1]) == char.ToLowerInvariant(to[column - 1]) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.Min(replaced, Math.Min(row[column], row[column - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
