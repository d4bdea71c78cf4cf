namespace MeshSdk.Sources;

/// <summary>A source that reads no more than is needed, and has to be told what that is.</summary>
internal interface ISelectiveSource
{
    /// <summary>Says what is to be known of endpoints. Called before <see cref="IResourceSource.Start"/>.</summary>
    void Select(PeerDemand peers);
}

/// <summary>What the mesh has to know of endpoints before it may speak to them, and of its own pod before it may be spoken to.</summary>
/// <param name="AreVerified">Whether peers prove who they are where policies ask for it; else nothing has to be known of them at all.</param>
/// <param name="IsAutomatic">Whether they may have to also where no rule says so, which their own policies decide.</param>
/// <param name="HasIdentity">
/// Whether this process has something to show, or must not call without, so that each endpoint is asked who it is. One that has nothing has to know only who
/// refuses that.
/// </param>
internal sealed record PeerDemand(bool AreVerified, bool IsAutomatic, bool HasIdentity)
{
    /// <summary>Of a process without an identity, with all else as it is by default.</summary>
    public static PeerDemand Default { get; } = new(AreVerified: true, IsAutomatic: true, HasIdentity: false);

    /// <summary>Whether this process is called by others, so that the policies for its own pod count, and the labels by which they choose pods.</summary>
    public bool ServesInbound { get; init; }

    /// <summary>Whether policies of peers count.</summary>
    public bool ReadsPolicies => AreVerified && IsAutomatic;
}
