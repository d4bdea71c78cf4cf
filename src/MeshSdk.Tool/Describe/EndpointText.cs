using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Describe;

/// <summary>The endpoints behind a port: how many, in what state, and how each is spoken to.</summary>
internal static class EndpointText
{
    public static void Write(IndentedText text, DescribedEndpoints endpoints, bool areRoutedAround, bool areUnknown)
    {
        text.Line($"Endpoints: {(areUnknown ? "unknown" : Counts(endpoints))}{(areRoutedAround ? ", of the Service itself: calls go where the routes lead" : "")}");
        using (text.Indent())
        {
            var width = endpoints.Items.Select(static e => e.Address.Length).DefaultIfEmpty().Max();
            foreach (var priority in endpoints.Priorities.Where(_ => endpoints.Priorities.Count > 1))
            {
                text.Line(PriorityLine(priority, endpoints.MayBeEjected));
            }

            foreach (var endpoint in endpoints.Items)
            {
                text.Line($"{endpoint.Address.PadRight(width)}  {endpoint.Health,-11}  {Details(endpoint)}");
            }
        }
    }

    public static string Counts(DescribedEndpoints endpoints)
    {
        string?[] counts =
        [
            $"{endpoints.Total} total",
            $"{endpoints.Ready} ready",
            endpoints.Terminating == 0 ? null : $"{endpoints.Terminating} terminating",
            endpoints.Unready == 0 ? null : $"{endpoints.Unready} unready",
            endpoints.MayBeEjected ? $"{endpoints.Ejected} ejected" : null,
        ];
        return string.Join(", ", counts.OfType<string>());
    }

    private static string PriorityLine(DescribedPriority priority, bool mayBeEjected)
    {
        string?[] parts =
        [
            $"{priority.Total} total",
            $"{priority.Ready} ready",
            mayBeEjected ? $"{priority.Ejected} ejected" : null,
            priority.Load is { } load ? $"gets {load}% of the requests" : null,
        ];
        var localities = priority.Localities.Count == 0 ? "" : $" ({string.Join(", ", priority.Localities)})";
        return $"Priority {priority.Priority}{localities}: {string.Join(", ", parts.OfType<string>())}";
    }

    private static string Details(DescribedEndpoint endpoint)
    {
        string?[] parts =
        [
            endpoint.Locality,
            endpoint.Priority == 0 ? null : $"priority {endpoint.Priority}",
            endpoint.Weight == 1 ? null : $"weight {endpoint.Weight}",
            endpoint.NotUsed is { } reason && endpoint.Health == "ready" ? $"gets no requests: {reason}" : null,
            $"TLS {endpoint.Tls}: {endpoint.TlsReason}",
            endpoint.Sans.Count == 0 ? null : $"expects {string.Join(" or ", endpoint.Sans)}",
            endpoint.Withheld is { } missing ? $"withheld: {missing}" : null,
        ];
        return string.Join("  ", parts.OfType<string>());
    }
}
