using System.Text.Json;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Localities;

/// <summary>A <c>localityLbSetting</c> as it is written, and where.</summary>
internal sealed record LocalityBlock(Resource Subject, JsonElement Value, string Path);

/// <summary>
/// Finds out which of all that speaks of localities counts for a port of a service: the traffic policy of its destination rule, else the Service itself, else
/// the mesh. A Service that is only for callers of the same node comes before all of them.
/// </summary>
internal sealed class LocalityCompiler(Service service, CallerPlace caller, LocalitySettings mesh, DiagnosticList diagnostics)
{
    private readonly LocalitySettings? _service = TrafficDistribution.Of(service, diagnostics);
    private readonly bool _onlyOwnNode = IsOnlyForOwnNode(service, caller, diagnostics);

    /// <param name="block">What the effective traffic policy of the port states; null where it states nothing.</param>
    /// <param name="hasOutlierDetection">Whether endpoints are ejected.</param>
    public LocalityPreference Compile(LocalityBlock? block, bool hasOutlierDetection)
    {
        var rule = block is null ? null : new LocalitySettingsReader(diagnostics).Read(block, hasOutlierDetection);
        return new LocalityPreference(caller)
        {
            Settings = Effective(rule, _service, mesh),
            HasOutlierDetection = hasOutlierDetection,
            UsesHints = rule is null && _service is null,
            OnlyOwnNode = _onlyOwnNode,
        };
    }

    /// <summary>The first one that is there counts as a whole, also where it only says that localities do not matter.</summary>
    public static LocalitySettings? Effective(LocalitySettings? rule, LocalitySettings? service, LocalitySettings? mesh) =>
        (rule ?? service ?? mesh) is { IsEnabled: true } settings ? settings : null;

    private static bool IsOnlyForOwnNode(Service service, CallerPlace caller, DiagnosticList diagnostics)
    {
        const string Path = "spec.internalTrafficPolicy";
        switch (service.Spec.InternalTrafficPolicy)
        {
            case null or "" or "Cluster":
                return false;
            case "Local" when caller.Node is null:
                diagnostics.Warning(
                    service, DiagnosticCode.Ignored, Path,
                    "the node that calls come from is not known, so that endpoints of all nodes are called; set Mesh:NodeName, or the environment variable "
                    + "NODE_NAME from spec.nodeName");
                return false;
            case "Local":
                return true;
            case var other:
                diagnostics.Warning(
                    service, DiagnosticCode.UnsupportedValue, Path, $"'{other}' is not known, so that endpoints of all nodes are called; Cluster and Local are known");
                return false;
        }
    }
}
