using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>What became of a destination rule that is written for a host, for one caller.</summary>
/// <param name="Rule">In question.</param>
/// <param name="Outcome">Whether it counts, and why not.</param>
/// <param name="Reason">The same for people, without the rule's own name: the rest of a sentence that begins with it.</param>
internal sealed record PolicyVerdict(DestinationRule Rule, PolicyOutcome Outcome, string Reason)
{
    /// <summary>Whether anything of it counts.</summary>
    public bool Applies => Outcome is PolicyOutcome.Applied or PolicyOutcome.Merged;
}

/// <summary>What may become of a destination rule.</summary>
internal enum PolicyOutcome
{
    /// <summary>Its traffic policy is in force.</summary>
    Applied,

    /// <summary>It counts as one with others, and its subsets with it; the traffic policy is that of an older one.</summary>
    Merged,

    /// <summary>It is exported to other namespaces alone.</summary>
    NotExported,

    /// <summary>It is for workloads with other labels.</summary>
    OtherWorkloads,

    /// <summary>Another one of its namespace is for fewer hosts.</summary>
    LessSpecific,

    /// <summary>Another one for the same host took its place.</summary>
    Superseded,

    /// <summary>One of a namespace that is asked before decides.</summary>
    Hidden,

    /// <summary>Rules of its namespace are never for this caller and this service.</summary>
    Elsewhere,
}
