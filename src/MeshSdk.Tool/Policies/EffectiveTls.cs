namespace MeshSdk.Tool.Policies;

/// <summary>How the endpoints of one port are spoken to that are not spoken to in plaintext. Holds no secret, and no certificate either: only where they are.</summary>
/// <param name="Mode"><c>istio</c>, <c>simple</c> or <c>mutual</c>.</param>
/// <param name="Source">What says so, as in <c>DestinationRule ns/name</c>; null where nothing does.</param>
/// <param name="Sni">Null: the name that was dialled.</param>
/// <param name="SubjectAltNames">Any one of them is to be proved; empty: the identity of each endpoint's own pod with <c>istio</c>, else the name that is sent as SNI.</param>
/// <param name="Trust">By whose word endpoints prove who they are, for people.</param>
/// <param name="Revocations">Where revoked certificates are listed, for people; null: nowhere beyond what comes with the identity.</param>
/// <param name="Shows">What the caller shows of itself, for people; null: nothing.</param>
/// <param name="SkipsVerification">Whether anybody may be at the other end.</param>
/// <param name="Fault">Why no call can ever be made; null where calls are.</param>
internal sealed record EffectiveTls(
    string Mode,
    string? Source,
    string? Sni,
    IReadOnlyList<string> SubjectAltNames,
    string Trust,
    string? Revocations,
    string? Shows,
    bool SkipsVerification,
    string? Fault);
