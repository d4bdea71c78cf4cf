using System.Text.Json;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Policies;

/// <summary>The fields of those parts of a traffic policy that have a type of their own, and what stands in them beside these.</summary>
internal static class PolicyFields
{
    /// <summary>Those of the policy itself.</summary>
    public static ReadOnlySpan<string> Policy => PolicyNames;

    private static readonly string[] PolicyNames =
        ["loadBalancer", "connectionPool", "outlierDetection", "tls", "portLevelSettings", "tunnel", "proxyProtocol", "retryBudget"];

    private static readonly string[] BalancerNames =
        ["simple", "consistentHash", "localityLbSetting", "warmup", "warmupDurationSecs", "zoneAwareLbSetting", "backendUtilization"];

    private static readonly string[] TlsNames =
    [
        "mode", "sni", "subjectAltNames", "clientCertificate", "privateKey", "caCertificates", "credentialName", "insecureSkipVerify", "caCrl",
    ];

    /// <param name="policy">That of all ports, or an entry for one.</param>
    /// <param name="place">Where it stands.</param>
    public static void ReportUnknown(TrafficPolicy? policy, PolicyBlock place)
    {
        Report(policy?.Unknown, PolicyNames, place);
        Report(policy?.LoadBalancer?.Unknown, BalancerNames, place with { Path = $"{place.Path}.loadBalancer" });
        Report(policy?.Tls?.Unknown, TlsNames, place with { Path = $"{place.Path}.tls" });
    }

    private static void Report(Dictionary<string, JsonElement>? unknown, string[] known, PolicyBlock place)
    {
        foreach (var name in unknown?.Keys ?? Enumerable.Empty<string>())
        {
            place.Unknown(name, known);
        }
    }
}
