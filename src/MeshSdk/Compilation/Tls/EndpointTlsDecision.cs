using MeshSdk.Model;

namespace MeshSdk.Compilation.Tls;

/// <summary>How one endpoint is spoken to.</summary>
/// <param name="Mode">In plaintext, or by which TLS.</param>
/// <param name="Reason">Why, for people; the same text for all endpoints of which it is true.</param>
internal readonly record struct EndpointTlsDecision(TlsMode Mode, string Reason)
{
    /// <summary>The identities of which it must prove one.</summary>
    public NameSet Identities { get; init; } = [];

    /// <summary>See <see cref="EndpointModel.Withheld"/>.</summary>
    public string? Withheld { get; init; }

    /// <summary>
    /// Set where its pod is not known to be one of those that a rule states, for people. Its certificate may show that it is, and nothing else can.
    /// </summary>
    public string? Doubt { get; init; }

    /// <summary>Whether ambient mode does for it what mutual TLS would do.</summary>
    public bool IsCarried { get; init; }
}
