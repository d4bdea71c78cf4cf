using System.Text.Json;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>Says that nobody here checks tokens: a proxy before this process would have refused the bad ones.</summary>
internal static class RequestAuthenticationReport
{
    public static void Report(InboundInputs inputs, DiagnosticList diagnostics)
    {
        foreach (var policy in inputs.Requests.All.Where(policy => Concerns(policy, inputs.Labels)))
        {
            diagnostics.Warning(
                policy, DiagnosticCode.NotImplemented, "spec",
                "tokens are not checked here: requests with an invalid one reach the application, which has to check them itself (as AddJwtBearer does); "
                + "what AuthorizationPolicies ask of tokens matches no request");
        }
    }

    private static bool Concerns(RequestAuthentication policy, Dictionary<string, string>? labels) =>
        !NamesAny(policy.Spec.TargetRef) && !NamesAny(policy.Spec.TargetRefs)
        && (labels is null || (policy.Spec.Selector?.MatchLabels ?? []).All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value));

    private static bool NamesAny(JsonElement? targets) => targets switch
    {
        { ValueKind: JsonValueKind.Array } list => list.GetArrayLength() > 0,
        { ValueKind: JsonValueKind.Object } => true,
        _ => false,
    };
}
