using MeshSdk.Resources;

namespace MeshSdk.Compilation.Localities;

/// <summary>What a Service itself says of near and far endpoints, in the terms of a destination rule; near ones also without outlier detection.</summary>
internal static class TrafficDistribution
{
    /// <summary>Older than the field, and read where the field says nothing.</summary>
    public const string Annotation = "networking.istio.io/traffic-distribution";

    private static readonly LocalitySettings SameZone = Prefer(TopologyLabels.Network, TopologyLabels.Region, TopologyLabels.Zone);

    private static readonly LocalitySettings SameNode =
        Prefer(TopologyLabels.Network, TopologyLabels.Region, TopologyLabels.Zone, TopologyLabels.SubZone, TopologyLabels.Host);

    /// <summary>Null where it says nothing.</summary>
    public static LocalitySettings? Of(Service service, DiagnosticList diagnostics)
    {
        if (service.Spec.TrafficDistribution is { Length: > 0 } field)
        {
            switch (field)
            {
                case "PreferSameZone" or "PreferClose":
                    return SameZone;
                case "PreferSameNode":
                    return SameNode;
                default:
                    Report("spec.trafficDistribution", field);
                    break;
            }
        }

        // Other than the field, it is read in any case.
        var annotation = service.Metadata.Annotations?.GetValueOrDefault(Annotation);
        switch (annotation?.ToLowerInvariant())
        {
            case null or "":
                return null;
            case "prefersamezone" or "preferclose":
                return SameZone;
            case "prefersamenode":
                return SameNode;
            default:
                Report($"metadata.annotations[{Annotation}]", annotation);
                return null;
        }

        void Report(string path, string value) => diagnostics.Warning(
            service, DiagnosticCode.UnsupportedValue, path,
            $"'{value}' is not known, so that no endpoint is preferred; PreferSameZone, PreferSameNode and PreferClose are known");
    }

    private static LocalitySettings Prefer(params string[] labels) =>
        new() { FailoverPriority = [.. labels.Select(static label => new PriorityLabel(label))], ForcesFailover = true };
}
