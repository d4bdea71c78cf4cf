namespace MeshSdk.Compilation.Conditions;

/// <summary>The types and statuses of route conditions, and those reasons that are no diagnostic codes.</summary>
internal static class ConditionWords
{
    public const string Accepted = "Accepted";
    public const string ResolvedRefs = "ResolvedRefs";
    public const string PartiallyInvalid = "PartiallyInvalid";

    public const string True = "True";
    public const string False = "False";
    public const string Unknown = "Unknown";

    /// <summary>It cannot be told yet.</summary>
    public const string Pending = "Pending";
}
