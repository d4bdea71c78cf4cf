namespace MeshSdk.Compilation.Inbound;

/// <summary>What is not known of what is asked of callers.</summary>
/// <param name="What">Which objects: two of the same are the same matter.</param>
/// <param name="Reason">Why, and what would help, for people; while an API server is away that is another text with each attempt.</param>
internal sealed record UnknownMatter(string What, string Reason)
{
    public static bool AreAlike(UnknownMatter? one, UnknownMatter? other) => one?.What == other?.What;

    public override string ToString() => $"{What}: {Reason}";
}
