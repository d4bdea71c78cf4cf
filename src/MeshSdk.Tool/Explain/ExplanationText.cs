using System.Globalization;
using System.Text;
using MeshSdk.Model;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Explain;

/// <summary>An explanation for people.</summary>
internal static class ExplanationText
{
    private const int LabelWidth = 10;

    public static string Of(Explanation explanation, MeshRequest request, CallerContext caller)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Url} from namespace {caller.Namespace}\n");
        Line(text, "Action", Action(explanation));
        if (explanation.Frontend is { } frontend)
        {
            Line(text, "Service", $"{frontend.Namespace}/{frontend.Service}:{frontend.Port}");
        }

        if (explanation.Frontend is not null)
        {
            Line(text, "Route", Route(explanation));
        }

        if (explanation.Request.Host != request.Url.Authority)
        {
            Line(text, "Host", explanation.Request.Host);
        }

        foreach (var (label, value) in FilterLines.Of(explanation, request))
        {
            Line(text, label, value);
        }

        foreach (var (label, value) in RuleSettingsText.Of(explanation.Timeouts, explanation.Retry, explanation.SessionPersistence))
        {
            Line(text, label, value);
        }

        Backends(text, explanation);
        foreach (var diagnostic in explanation.Diagnostics)
        {
            var where = diagnostic.Path.Length == 0 ? diagnostic.Object : $"{diagnostic.Object} {diagnostic.Path}";
            text.Append(CultureInfo.InvariantCulture, $"{Printable.Of($"{diagnostic.Severity}: {where}: {diagnostic.Message} [{diagnostic.Code}]")}\n");
        }

        return text.ToString();
    }

    private static string Action(Explanation explanation) => explanation switch
    {
        { Action: ExplainedAction.PassThrough } => $"passthrough, DNS decides: {explanation.Reason}",
        { Action: ExplainedAction.Fail, GrpcStatus: { } code } => $"fail with gRPC status {code}: {explanation.Reason}",
        { Action: ExplainedAction.Redirect } => $"redirect with {explanation.Status} to {explanation.Location}",
        { Action: ExplainedAction.Fail } => $"fail with {explanation.Status}: {explanation.Reason}",
        _ => explanation.Action,
    };

    private static string Route(Explanation explanation) => explanation switch
    {
        { Route: { } route } =>
            $"{route.Kind} {route.Namespace}/{route.Name} ({explanation.Scope}), rule {route.Rule}"
            + (route.RuleName is null ? "" : $" '{route.RuleName}'")
            + (route.Match is null ? "" : $", match {route.Match}"),
        { Scope: { } scope } => $"none of the {scope} routes",
        _ => "none: the service itself",
    };

    private static void Backends(StringBuilder text, Explanation explanation)
    {
        var backends = explanation.Backends;
        var width = backends.Count == 0 ? 0 : backends.Max(static b => Name(b).Length);
        foreach (var backend in backends)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {Percent(backend.Share),7}  {Printable.Of(Name(backend).PadRight(width))}  {Printable.Of(State(backend))}\n");
            foreach (var line in FilterLines.Of(backend, explanation))
            {
                text.Append(CultureInfo.InvariantCulture, $"           {Printable.Of(line)}\n");
            }

            foreach (var endpoint in backend.Endpoints)
            {
                text.Append(CultureInfo.InvariantCulture, $"           {Printable.Of(Endpoint(endpoint))}\n");
            }
        }
    }

    private static string State(ExplainedBackend backend)
    {
        var policy = backend.Policy;
        string?[] parts =
        [
            backend.Location is { } location ? $"redirects with {backend.Status} to {location}"
                : backend.Status is { } status ? $"answers {(backend.GrpcStatus is { } code ? $"gRPC status {code}" : status)}" : null,
            backend.Problem ?? policy.LoadBalancer,
            policy.DestinationRule is { } rule ? $"DestinationRule {rule.Namespace}/{rule.Name}" : null,
            policy.Tls is { } tls ? $"TLS {tls}" : null,
            .. policy.FurtherBlocks,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    private static string Endpoint(ExplainedEndpoint endpoint)
    {
        string?[] parts =
        [
            endpoint.Address,
            endpoint.Health,
            endpoint.Locality,
            endpoint.Priority == 0 ? null : $"priority {endpoint.Priority}",
            endpoint.Weight == 1 ? null : $"weight {endpoint.Weight}",
            endpoint.Tls == "none" ? null : $"tls {endpoint.Tls}",
            endpoint.Sans.Count == 0 ? null : $"as {string.Join(" or ", endpoint.Sans)}",
            endpoint.Withheld is { } missing ? $"withheld: {missing}" : null,
            endpoint.NotUsed is { } reason && reason != endpoint.Health ? $"gets no requests: {reason}" : null,
        ];
        return string.Join("  ", parts.OfType<string>());
    }

    private static string Name(ExplainedBackend backend) =>
        backend.Port is { } port ? $"{backend.Namespace}/{backend.Service}:{port}" : $"{backend.Namespace}/{backend.Service}";

    private static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    private static void Line(StringBuilder text, string label, string value) => text.Append(label.PadRight(LabelWidth)).Append(Printable.Of(value)).Append('\n');
}
