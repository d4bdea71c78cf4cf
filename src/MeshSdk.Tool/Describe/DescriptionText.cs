using System.Globalization;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Describe;

/// <summary>A description for people, in the look of Istio's describe command: three spaces a level, names outside the caller's namespace with theirs.</summary>
internal static class DescriptionText
{
    public static string Of(ServiceDescription description)
    {
        var text = new IndentedText();
        text.Line($"Service: {Name(description, description.Namespace, description.Service)}");
        using (text.Indent())
        {
            foreach (var port in description.Ports)
            {
                text.Line($"Port: {(port.Name is null ? "" : $"{port.Name} ")}{port.Port}/{port.Protocol} targets pod port {port.TargetPort}");
            }

            if (description.Ports.Count == 0)
            {
                text.Line(description.Type == "ExternalName" ? "ExternalName: calls to it go where DNS says" : "No port that HTTP can be spoken on");
            }
        }

        foreach (var port in description.Ports)
        {
            if (description.Ports.Count == 1)
            {
                Port(text, description, port);
                continue;
            }

            text.Line($"{port.Port}:");
            using (text.Indent())
            {
                Port(text, description, port);
            }
        }

        foreach (var reference in description.ReachedBy)
        {
            text.Line(
                $"Reached by {reference.Kind}: {Name(description, reference.Namespace, reference.Name)}, rule {reference.Rule}, for calls to "
                    + $"\"{Name(description, reference.ParentNamespace, reference.Parent)}\" port {reference.ParentPort} with weight {Percent(reference.Share)}");
        }

        Section(text, "Not acted on:", description.NotActedOn.Select(Line));
        Section(text, "Problems:", description.Problems.Select(static d => $"{d.Severity}: {Line(d)}"));
        Section(text, "Unknown (calls that need it are answered 503 until it is known):", description.Unknown.Select(Line));
        return text.ToString();
    }

    private static void Port(IndentedText text, ServiceDescription description, DescribedPort port)
    {
        foreach (var rule in port.DestinationRules)
        {
            text.Line($"DestinationRule: {Name(description, rule.Namespace, rule.Name)} for \"{rule.Host}\"");
            using (text.Indent())
            {
                DestinationRule(text, rule);
            }
        }

        foreach (var route in port.Routes)
        {
            text.Line($"{route.Kind}: {Name(description, route.Namespace, route.Name)} ({port.Scope})");
            using (text.Indent())
            {
                foreach (var rule in route.Rules)
                {
                    Rule(text, description, rule);
                }
            }
        }

        if (port.Routes.Count == 0)
        {
            text.Line("No HTTPRoute: calls go to its own endpoints");
        }

        foreach (var lost in port.LostRoutes)
        {
            text.Line($"Not used {lost.Kind}: {Name(description, lost.Namespace, lost.Name)}: {lost.Reason}");
        }

        Endpoints(text, port.Endpoints);
    }

    private static void DestinationRule(IndentedText text, DescribedDestinationRule rule)
    {
        if (rule.Subsets.Count > 0)
        {
            text.Line($"Subsets that no HTTPRoute can address: {string.Join(",", rule.Subsets)}");
        }

        if (!rule.HasTrafficPolicy)
        {
            text.Line("No Traffic Policy");
            return;
        }

        if (rule.TlsMode is { } mode)
        {
            text.Line($"Traffic Policy TLS Mode: {mode}");
        }

        if (rule.Policies.Count > 0)
        {
            text.Line($"Policies: {string.Join("/", rule.Policies)}");
        }

        if (rule.PortLevelSettings.Count == 0)
        {
            return;
        }

        text.Line("Port Level Settings:");
        foreach (var entry in rule.PortLevelSettings)
        {
            // One space less deep than a level, and two more for what belongs to the port, as users know it.
            text.Line($" {entry.Port}:");
            using (text.Indent())
            {
                if (entry.TlsMode is { } own)
                {
                    text.Line($"TLS Mode: {own}");
                }

                if (entry.Policies.Count > 0)
                {
                    text.Line($"Policies: {string.Join("/", entry.Policies)}");
                }
            }
        }
    }

    private static void Rule(IndentedText text, ServiceDescription description, DescribedRouteRule rule)
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
                text.Line($"WARNING: Every request is answered {status}: {rule.Reason}");
            }

            foreach (var backend in rule.Backends)
            {
                var port = backend.Port is { } number ? $" port {number}" : "";
                var answer = backend.Status is { } code ? $", answered {code}: {backend.Reason}" : "";
                text.Line($"Route to host \"{Name(description, backend.Namespace, backend.Service)}\"{port} with weight {Percent(backend.Share)}{answer}");
            }
        }
    }

    private static void Endpoints(IndentedText text, DescribedEndpoints endpoints)
    {
        string?[] counts =
        [
            $"{endpoints.Total} total",
            $"{endpoints.Ready} ready",
            endpoints.Terminating == 0 ? null : $"{endpoints.Terminating} terminating",
            endpoints.Unready == 0 ? null : $"{endpoints.Unready} unready",
        ];
        text.Line($"Endpoints: {string.Join(", ", counts.OfType<string>())}");
        using (text.Indent())
        {
            var width = endpoints.Items.Select(static e => e.Address.Length).DefaultIfEmpty().Max();
            foreach (var endpoint in endpoints.Items)
            {
                text.Line($"{endpoint.Address.PadRight(width)}  {endpoint.Health,-11}  {Details(endpoint)}");
            }
        }
    }

    private static string Details(DescribedEndpoint endpoint)
    {
        string?[] parts =
        [
            endpoint.Locality,
            endpoint.Priority == 0 ? null : $"priority {endpoint.Priority}",
            endpoint.Weight == 1 ? null : $"weight {endpoint.Weight}",
            $"TLS {endpoint.Tls}: {endpoint.TlsReason}",
            endpoint.Sans.Count == 0 ? null : $"expects {string.Join(" or ", endpoint.Sans)}",
        ];
        return string.Join("  ", parts.OfType<string>());
    }

    private static void Section(IndentedText text, string title, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        if (all.Length == 0)
        {
            return;
        }

        text.Line(title);
        using (text.Indent())
        {
            Array.ForEach(all, text.Line);
        }
    }

    private static string Line(ExplainedDiagnostic diagnostic) =>
        $"{diagnostic.Object}{(diagnostic.Path.Length == 0 ? "" : $" {diagnostic.Path}")}: {diagnostic.Message} [{diagnostic.Code}]";

    private static string Line(DescribedUnknown unknown)
    {
        var where = unknown.Namespace is { } ns ? $"in namespace {ns}" : "in all namespaces";
        return $"{unknown.Kind} {(unknown.Name is { } name ? $"of {name} " : "")}{where}: {unknown.Reason}";
    }

    private static string Name(ServiceDescription description, string ns, string name) => ns == description.CallerNamespace ? name : $"{name}.{ns}";

    private static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";
}
