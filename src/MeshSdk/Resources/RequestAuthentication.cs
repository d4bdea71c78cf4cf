using System.Text.Json;

namespace MeshSdk.Resources;

/// <summary>Which tokens callers of pods may show. Nothing here reads tokens: that it exists is told to those who rely on it.</summary>
internal sealed record RequestAuthentication : Resource
{
    public override string Group => "security.istio.io";
    public override string Kind => KindName;

    public const string KindName = "RequestAuthentication";

    public RequestAuthenticationSpec Spec { get; init => field = value ?? new(); } = new();
}

internal sealed record RequestAuthenticationSpec
{
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Gateways and waypoints that it is for. One that names any is for no other pod.</summary>
    public JsonElement? TargetRefs { get; init; }

    /// <summary>The same for one of them, as older versions have it.</summary>
    public JsonElement? TargetRef { get; init; }
}
