namespace MeshSdk.Identity.Istiod;

/// <summary>What can be hoped for after a certificate was not to be had.</summary>
internal enum IssuanceFailure
{
    /// <summary>The next moment may be better: a few tries follow at once, each over a connection of its own.</summary>
    Transient,

    /// <summary>Something is missing on this side, such as a file that is mounted late. Looking again costs nobody anything.</summary>
    Local,

    /// <summary>The answer was no, or one that cannot be used. The same question will get the same answer until somebody changes something.</summary>
    Refused,
}
