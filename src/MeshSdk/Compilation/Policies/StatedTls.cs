using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Policies;

/// <summary>What destination rules say of TLS for one port.</summary>
/// <param name="Mode">How its endpoints are to be spoken to.</param>
/// <param name="Settings">The block that says so; null where a mode is all that is left of it.</param>
/// <param name="Block">Where it stands.</param>
internal sealed record StatedTls(TlsMode Mode, ClientTlsSettings? Settings, PolicyBlock Block)
{
    /// <summary>Why nothing can satisfy it, for people; null where something may.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether an entry for the port replaces the settings, and only what they say of plaintext or mutual TLS is left.</summary>
    public bool IsLeftOver { get; init; }
}
