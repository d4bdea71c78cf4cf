namespace MeshSdk.Model;

/// <summary>What is done to the path of a call before rules look at it. Each does what the one before it does, and more.</summary>
internal enum PathNormalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Dot segments are resolved, backslashes turned around, and characters decoded that need no escape.</summary>
    Base,

    /// <summary>And several slashes become one.</summary>
    MergeSlashes,

    /// <summary>And that after slashes and backslashes were decoded.</summary>
    DecodeAndMergeSlashes,

    /// <summary>One of these, and nobody can tell which: a rule must not take a path for less than any of them would.</summary>
    Unknown,
}
