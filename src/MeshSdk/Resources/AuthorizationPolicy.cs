using System.Text.Json;

namespace MeshSdk.Resources;

/// <summary>Who may call the pods of a namespace, or of the whole mesh, for what.</summary>
internal sealed record AuthorizationPolicy : Resource
{
    public override string Group => "security.istio.io";
    public override string Kind => KindName;

    public const string KindName = "AuthorizationPolicy";

    /// <summary>
    /// As it is written, whatever it holds: of a policy that takes something away from callers what is not understood counts as much as what is, so that none
    /// of it may be passed over. Null where there is none.
    /// </summary>
    public JsonElement? Spec { get; init; }
}
