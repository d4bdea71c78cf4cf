using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>What the mesh asks of those who call this process. Immutable; the same object as long as nothing about it changes.</summary>
internal sealed record InboundModel
{
    /// <summary>Of a mesh that asks for nothing.</summary>
    public static InboundModel None { get; } = new();

    /// <summary>Before the configuration has come.</summary>
    public static InboundModel NotYet { get; } = new() { Unknown = "the mesh has not received its configuration yet" };

    /// <summary>Why it cannot be told what is asked: then nobody is served. Null where it can.</summary>
    public string? Unknown { get; init; }

    /// <summary>
    /// Of which objects <see cref="Unknown"/> speaks, without the reason, which may be another one with each attempt to read them; null where that text is all that
    /// there is to say.
    /// </summary>
    public string? UnknownWhat { get; init; }

    /// <summary>Which connections are taken at ports that <see cref="Ports"/> does not list; null: nobody says, and it is the server's own choice.</summary>
    public StatedPeerMode? Mode { get; init; }

    /// <summary>The same by the number of the port that the server listens at.</summary>
    public ImmutableDictionary<int, StatedPeerMode> Ports { get; init; } = ImmutableDictionary<int, StatedPeerMode>.Empty;

    /// <summary>Who may call for what.</summary>
    public AuthorizationModel Authorization { get; init; } = AuthorizationModel.Everyone;

    /// <summary>Whether callers are told that this process does mutual TLS, so that they come with it; null: not known.</summary>
    public bool? IsAdvertised { get; init; }

    /// <summary>What stands before this process and does all this in its place.</summary>
    public LocalProxy Proxy { get; init; } = LocalProxy.None;

    public ImmutableArray<MeshDiagnostic> Diagnostics { get; init; } = [];

    /// <summary>Whether callers meet the same: nobody is served, for want of the same objects, by whatever reason these are not known.</summary>
    public bool DiffersInReasonAlone(InboundModel other) =>
        Unknown is not null && other.Unknown is not null && UnknownWhat is not null && UnknownWhat == other.UnknownWhat && this with { Unknown = other.Unknown } == other;
}
