using System.Globalization;
using MeshSdk.Routing;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Describe;

/// <summary>A rule of a route: when it decides, and where its requests go.</summary>
internal static class RouteText
{
    public static void Write(IndentedText text, ServiceDescription description, DescribedRouteRule rule, bool isGrpc)
    {
        text.Line($"Rule {rule.Rule}{(rule.RuleName is { } name ? $" \"{name}\"" : "")}:");
        using (text.Indent())
        {
            foreach (var match in rule.Matches)
            {
                text.Line($"Match: {match.Conditions}{(match.ShadowedBy is { } shadow ? $" (never decides: {shadow})" : "")}");
            }

            if (rule.Matches.Count == 0)
            {
                text.Line("No match that can be used");
            }

            if (rule.Status is { } status)
            {
                text.Line($"WARNING: Every request is answered {Answer(status, isGrpc)}: {description.Shorten(rule.Reason)}");
            }

            foreach (var filter in rule.Filters)
            {
                text.Line($"Filter: {filter}");
            }

            foreach (var (label, value) in RuleSettingsText.Of(rule.Timeouts, rule.Retry, rule.SessionPersistence))
            {
                text.Line($"{label}: {value}");
            }

            foreach (var backend in rule.Backends)
            {
                var port = backend.Port is { } number ? $" port {number}" : "";
                var answer = backend.Status is { } code ? $", answered {Answer(code, isGrpc)}: {description.Shorten(backend.Reason)}" : "";
                text.Line($"Route to host \"{description.NameOf(backend.Namespace, backend.Service)}\"{port} with weight {Percent(backend.Share)}{answer}");
                using (text.Indent())
                {
                    foreach (var filter in backend.Filters)
                    {
                        text.Line($"Filter: {filter}");
                    }

                    if (backend.Endpoints.Total > 0)
                    {
                        text.Line(Summary(description, backend));
                    }
                }
            }
        }
    }

    public static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    /// <summary>What its own description says at length.</summary>
    // A call of gRPC's gets no status of HTTP's.
    private static string Answer(int status, bool isGrpc) =>
        isGrpc ? $"gRPC status {GrpcCall.StatusFor(status)}" : status.ToString(CultureInfo.InvariantCulture);

    private static string Summary(ServiceDescription description, DescribedBackend backend)
    {
        string?[] parts =
        [
            backend.Policy.DestinationRule is { } rule ? $"DestinationRule {description.NameOf(rule.Namespace, rule.Name)}" : null,
            backend.Policy.LoadBalancer,
            .. backend.Policy.FurtherBlocks,
            $"TLS {string.Join("/", backend.Endpoints.Items.Select(static e => e.Tls).Distinct())}",
            $"endpoints {EndpointText.Counts(backend.Endpoints)}",
        ];
        return string.Join(", ", parts.OfType<string>());
    }
}
