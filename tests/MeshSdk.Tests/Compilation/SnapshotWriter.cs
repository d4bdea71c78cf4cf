using System.Globalization;
using System.Text;
using MeshSdk.Compilation;
using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation;

/// <summary>Prints a snapshot as stable text: the whole of it, services by name. The revision is left out.</summary>
internal static class SnapshotWriter
{
    public static string Write(MeshSnapshot snapshot)
    {
        var text = new StringBuilder();
        foreach (var service in snapshot.Services.Values.OrderBy(s => s.Id.ToString(), StringComparer.Ordinal))
        {
            Write(text, service);
        }

        if (!snapshot.Diagnostics.IsEmpty)
        {
            text.Append("unattached\n");
            Write(text, snapshot.Diagnostics);
        }

        return text.ToString();
    }

    public static string Write(ServiceModel service)
    {
        var text = new StringBuilder();
        Write(text, service);
        return text.ToString();
    }

    private static void Write(StringBuilder text, ServiceModel service)
    {
        text.Append(CultureInfo.InvariantCulture, $"service {service.Id}\n");
        text.Append(CultureInfo.InvariantCulture, $"  hosts {string.Join(' ', service.Hosts)}\n");
        foreach (var frontend in service.Frontends)
        {
            text.Append(CultureInfo.InvariantCulture, $"  frontend {frontend.Id.Port} {Lower(frontend.Scope?.ToString() ?? "direct")}\n");
            Write(text, frontend.Routes);
            if (frontend.Grpc is { } grpc)
            {
                text.Append(CultureInfo.InvariantCulture, $"  frontend {frontend.Id.Port} for gRPC {Lower(grpc.Scope?.ToString() ?? "direct")}\n");
                Write(text, grpc.Routes);
            }
        }

        foreach (var cluster in service.Clusters)
        {
            Write(text, cluster);
        }

        Write(text, service.Diagnostics);
    }

    private static void Write(StringBuilder text, RouteTable table)
    {
        foreach (var match in table.Matches)
        {
            var rule = table.Rules[match.Rule];
            var origin = rule.Route is { } id ? $"{id.Namespace}/{id.Name} rule {rule.Index}" : "own endpoints";
            var position = match.Index is { } index ? $" match {index}" : "";
            text.Append(CultureInfo.InvariantCulture, $"    {Describe(match)} => {origin}{position}\n");
        }

        foreach (var failure in table.Rules.Where(static rule => rule.Route is null).Select(static rule => rule.Failure ?? rule.Backends.Backends[0].Failure))
        {
            text.Append(failure is null ? "" : $"    own endpoints{Describe(failure)}\n");
        }

        foreach (var rule in table.Rules.Where(static rule => rule.Route is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"    rule {rule.Route!.Namespace}/{rule.Route.Name} {rule.Index}");
            text.Append(rule.Name is null ? "" : $" '{rule.Name}'").Append(Describe(rule.Failure));
            if (rule.Timeouts is { } timeouts)
            {
                text.Append(CultureInfo.InvariantCulture, $" timeouts {Describe(timeouts.Request)}/{Describe(timeouts.BackendRequest)}");
            }

            if (rule.Retry is { } retry)
            {
                text.Append(CultureInfo.InvariantCulture, $" retry {retry.Attempts} [{string.Join(' ', retry.Codes)}] {Describe(retry.Backoff)}");
            }

            text.Append('\n');
            foreach (var backend in rule.Backends.Backends)
            {
                text.Append(CultureInfo.InvariantCulture, $"      {backend.Cluster} weight {backend.Weight}{Describe(backend.Failure)}\n");
            }
        }
    }

    private static void Write(StringBuilder text, ClusterModel cluster)
    {
        text.Append(CultureInfo.InvariantCulture, $"  cluster {cluster.Id.Port} {cluster.Host} {Lower(cluster.Protocol)} {cluster.LoadBalancer}");
        text.Append(CultureInfo.InvariantCulture, $" connect {Describe(cluster.ConnectTimeout)}");
        if (cluster.Policy.Name is { } name)
        {
            text.Append(CultureInfo.InvariantCulture, $" policy {name} tls {cluster.Policy.TlsMode ?? "-"}");
            text.Append(cluster.Policy.OutlierDetection is { } outlier ? $" outlier {outlier.GetRawText()}" : "");
            text.Append(cluster.Policy.ConnectionPool is { } pool ? $" pool {pool.GetRawText()}" : "");
        }

        text.Append(cluster.RetryBudget is { } budget
            ? string.Create(
                CultureInfo.InvariantCulture,
                $" retries {budget.Percent}% of {Describe(budget.Interval)} or {budget.MinRetries} per {Describe(budget.MinInterval)}")
            : "");
        if (cluster.Tls is { } tls)
        {
            text.Append(CultureInfo.InvariantCulture, $" TLS {Lower(tls.Mode)} with {tls.ServerName ?? "the dialled name"} by {tls.Source}");
            text.Append(tls.DnsNames.IsEmpty ? "" : $" names {string.Join(' ', tls.DnsNames)}").Append(tls.Uris.IsEmpty ? "" : $" uris {string.Join(' ', tls.Uris)}");
            text.Append(CultureInfo.InvariantCulture, $" trusting {Lower(tls.Trust.Kind)}").Append(tls.Fault is null ? "" : $" never: {tls.Fault}");
        }

        text.Append(cluster.LocalityWeights.IsEmpty
            ? ""
            : $" shares {string.Join(' ', cluster.LocalityWeights.Select(static w => string.Create(CultureInfo.InvariantCulture, $"{w.Locality}={w.Weight}")))}");
        text.Append('\n');
        SnapshotPolicyWriter.Write(text, cluster);
        foreach (var endpoint in cluster.Endpoints)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {endpoint.HostPort} {Lower(endpoint.Health)}");
            text.Append(endpoint.Tls == TlsMode.None ? "" : $" tls {Lower(endpoint.Tls)}");
            text.Append(endpoint.SubjectAltNames.IsEmpty ? "" : $" proving {string.Join(" or ", endpoint.SubjectAltNames)}");
            text.Append(endpoint.Withheld is null ? "" : $" withheld, for {endpoint.Withheld};");
            text.Append(endpoint.ServiceAccount is null ? "" : $" of {endpoint.Workload} as {endpoint.ServiceAccount}");
            text.Append(endpoint.Locality == Locality.Unknown ? "" : $" at {endpoint.Locality}");
            text.Append(endpoint.Priority == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" priority {endpoint.Priority}"));
            text.Append(endpoint.IsExcluded ? " excluded" : "").Append('\n');
        }
    }

    private static void Write(StringBuilder text, IEnumerable<MeshDiagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {Lower(diagnostic.Severity)}: {diagnostic}\n");
        }
    }

    private static string Describe(RouteMatch match)
    {
        var path = match.Path.Kind switch
        {
            PathMatchKind.Exact => $"= {match.Path.Value}",
            PathMatchKind.Prefix => $"{match.Path.Value}/*",
            PathMatchKind.GrpcMethod => $"/*/{match.Path.Value}",
            _ => $"~ {match.Path.Value}",
        };
        var method = match.Method is null ? "" : $" {match.Method}";
        var headers = string.Concat(match.Headers.Select(static value => $" header {Describe(value)}"));
        return path + method + headers + string.Concat(match.Query.Select(static value => $" query {Describe(value)}"));
    }

    private static string Describe(ValueMatch value) => $"{value.Name}{(value.Pattern is null ? "=" : "~")}{value.Value}";

    private static string Describe(RouteFailure? failure) => failure is null ? "" : $" fails {failure.Status} {failure.Reason}";

    private static string Describe(TimeSpan? duration) => duration is { } value ? GatewayDuration.Format(value) : "-";

    private static string Lower(object value) => value.ToString()!.ToLowerInvariant();
}
