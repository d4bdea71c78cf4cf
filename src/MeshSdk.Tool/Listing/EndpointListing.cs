using System.Globalization;
using System.Text.Json;
using MeshSdk.Model;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary>Endpoints of every Service port, as the caller would use them.</summary>
internal sealed class EndpointListing : IListing
{
    public string Name => "endpoints";

    // Without the policies the column of TLS would be a guess.
    public IReadOnlyList<string> Kinds { get; } = ["Service", "EndpointSlice", "DestinationRule", "BackendTLSPolicy"];

    public Table ToTable(MeshView view)
    {
        var table = view.NewTable("SERVICE", "PORT", "ADDRESS", "HEALTH", "LOCALITY", "PRIORITY", "WEIGHT", "TLS", "NOT-USED");
        foreach (var (ns, service, port, endpoint) in All(view))
        {
            view.AddRow(
                table, ns, service, Text(port), endpoint.Address, endpoint.Health, endpoint.Locality ?? "<none>", Text(endpoint.Priority), Text(endpoint.Weight),
                endpoint.Tls, endpoint.NotUsed ?? "<none>");
        }

        return table;
    }

    public string ToJson(MeshView view) => JsonSerializer.Serialize([.. All(view)], GetJson.Readable.IReadOnlyListListedEndpoint);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<ListedEndpoint> All(MeshView view)
    {
        var explainer = new BackendExplainer(view.Snapshot, view.Security);
        return view.Snapshot.Services.Values
            .Where(service => view.Namespace is null || service.Id.Namespace == view.Namespace)
            .OrderBy(static service => service.Id.Namespace, StringComparer.Ordinal)
            .ThenBy(static service => service.Id.Name, StringComparer.Ordinal)
            .SelectMany(static service => service.Clusters)
            .SelectMany(cluster => Explain(cluster).Select(endpoint =>
                new ListedEndpoint(cluster.Id.Namespace, cluster.Id.Service, cluster.Id.Port, endpoint)));

        IEnumerable<ExplainedEndpoint> Explain(ClusterModel cluster)
        {
            var explained = explainer.Explain(cluster);
            return view.UnknownPolicies.LeaveTlsOpen(cluster.Id.ServiceId)
                ? explained.Select(static endpoint => endpoint with { Tls = UnknownPolicies.Tls, Sans = [] })
                : explained;
        }
    }
}
