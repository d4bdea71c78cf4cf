using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Output;
using MeshSdk.Tool.Policies;

namespace MeshSdk.Tool.Describe;

/// <summary>A description for people, in the look of Istio's describe command: three spaces a level, names outside the caller's namespace with theirs.</summary>
internal static class DescriptionText
{
    public static string Of(ServiceDescription description)
    {
        var text = new IndentedText();
        text.Line($"Service: {description.NameOf(description.Namespace, description.Service)}");
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

        // They are lost for all ports alike.
        foreach (var lost in description.Ports.SelectMany(static port => port.LostDestinationRules).Distinct())
        {
            text.Line($"Not used DestinationRule: {description.NameOf(lost.Namespace, lost.Name)} for \"{lost.Host}\": {lost.Reason}");
        }

        if (description.PeerAuthentication is { } peers)
        {
            PeerText.Write(text, peers);
        }

        CallerText.Write(text, description);
        foreach (var reference in description.ReachedBy)
        {
            text.Line(
                $"Reached by {reference.Kind}: {description.NameOf(reference.Namespace, reference.Name)}, rule {reference.Rule}, for calls to "
                    + $"\"{description.NameOf(reference.ParentNamespace, reference.Parent)}\" port {reference.ParentPort} with weight {RouteText.Percent(reference.Share)}");
        }

        Section(text, "Route conditions:", description.RouteStatuses.SelectMany(status => ConditionLines(description, status)));
        Section(text, "Not acted on:", description.NotActedOn.Select(Line));
        Section(text, "Problems:", description.Problems.Where(problem => !description.IsOfUnknown(problem)).Select(static d => $"{d.Severity}: {Line(d)}"));
        Section(text, "Unknown, and calls that depend on it are answered 503 until it is known:", Lines(description.Unknown.Where(static u => !IsDispensable(u))));
        Section(text, "Unknown, and calls go on without it:", Lines(description.Unknown.Where(IsDispensable)));
        return text.ToString();
    }

    // What only says where things run moves requests elsewhere, and fails none.
    private static bool IsDispensable(DescribedUnknown unknown) => unknown.Kind is "Pod" or "Node";

    private static void Port(IndentedText text, ServiceDescription description, DescribedPort port)
    {
        foreach (var rule in port.DestinationRules)
        {
            text.Line($"DestinationRule: {description.NameOf(rule.Namespace, rule.Name)} for \"{rule.Host}\"");
            using (text.Indent())
            {
                DestinationRuleText.Write(text, rule);
            }
        }

        if (port is { IsRoutedAround: true, DestinationRules.Count: > 0 })
        {
            text.Line("WARNING: The routes of the port lead elsewhere, and the policy of each backend counts: that of the Service itself is for nobody");
        }
        else if (!port.IsRoutedAround && port.EffectivePolicy is { } policy)
        {
            PolicyText.Write(text, policy, port.Protocol);
        }

        var routes = port.Routes.Select(route => (Route: route, port.Scope)).Concat(port.GrpcRoutes.Select(route => (Route: route, Scope: port.GrpcScope)));
        foreach (var (route, scope) in routes)
        {
            text.Line($"{route.Kind}: {description.NameOf(route.Namespace, route.Name)} ({scope})");
            using (text.Indent())
            {
                foreach (var rule in route.Rules)
                {
                    RouteText.Write(text, description, rule, isGrpc: route.Kind == "GRPCRoute");
                }
            }
        }

        if (port.Status is { } status)
        {
            text.Line($"WARNING: Every call is answered {status}: {description.Shorten(port.Reason)}");
        }
        else if (port.Routes.Count == 0)
        {
            text.Line("No HTTPRoute: calls go to its own endpoints");
        }

        foreach (var lost in port.LostRoutes)
        {
            text.Line($"Not used {lost.Kind}: {description.NameOf(lost.Namespace, lost.Name)}: {lost.Reason}");
        }

        EndpointText.Write(text, port.Endpoints, areRoutedAround: port.Routes.Count > 0, description.AreEndpointsUnknown);
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

    /// <summary>Those that are not as they should be: a route that is not named here is accepted and all its references lead somewhere.</summary>
    private static IEnumerable<string> ConditionLines(ServiceDescription description, DescribedRouteStatus status) =>
        from condition in status.Conditions
        where condition.Status != "True" || condition.Type == "PartiallyInvalid"
        select $"{status.Kind} {description.NameOf(status.Namespace, status.Name)}: {condition.Type} is {condition.Status} "
            + $"({condition.Reason}): {description.Shorten(condition.Message)}";

    private static string Line(ExplainedDiagnostic diagnostic) =>
        $"{diagnostic.Object}{(diagnostic.Path.Length == 0 ? "" : $" {diagnostic.Path}")}: {diagnostic.Message} [{diagnostic.Code}]";

    /// <summary>One for each thing that is missing, though several services may miss it.</summary>
    private static IEnumerable<string> Lines(IEnumerable<DescribedUnknown> unknown) =>
        from part in unknown
        group part.Name by (part.Kind, part.Namespace, part.Reason) into parts
        let names = parts.Contains(null) ? "" : $"of {string.Join(", ", parts)} "
        select $"{parts.Key.Kind} {names}{(parts.Key.Namespace is { } ns ? $"in namespace {ns}" : "in all namespaces")}: {parts.Key.Reason}";
}
