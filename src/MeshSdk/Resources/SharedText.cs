namespace MeshSdk.Resources;

/// <summary>
/// Texts that come again and again (node names, zones, namespaces, port names) held once instead of once an endpoint. A cache and no table: of a
/// fixed size, newer texts push out older ones, and a text that is missed costs a copy and nothing else. Safe for use from several threads.
/// </summary>
internal static class SharedText
{
    private const int Slots = 1 << 14;
    private const int LongestShared = 256;

    // References are read and written whole; whichever of two writers wins, the slot holds a text.
    private static readonly string?[] Cache = new string?[Slots];

    /// <summary>The same text, and of equal ones the same object where it is still remembered.</summary>
    public static string? Of(string? text)
    {
        if (text is null || text.Length > LongestShared)
        {
            return text;
        }

        ref var slot = ref Cache[string.GetHashCode(text, StringComparison.Ordinal) & (Slots - 1)];
        if (slot is { } known && known == text)
        {
            return known;
        }

        slot = text;
        return text;
    }
}
