namespace MeshSdk.Testing.Storage;

/// <summary>
/// Gives equal strings one instance, as far as that is cheap: ten thousand slices repeat the same label keys. A slot keeps the string that it saw
/// last, so the pool neither grows nor has to be cleaned. Races are harmless: the worst is a second instance.
/// </summary>
internal static class StringPool
{
    private static readonly string?[] Slots = new string?[4096];

    public static string Share(string value)
    {
        ref var slot = ref Slots[string.GetHashCode(value, StringComparison.Ordinal) & (Slots.Length - 1)];
        if (slot is { } known && known == value)
        {
            return known;
        }

        slot = value;
        return value;
    }
}
