using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>Slices as JSON: their names, labels and owner.</summary>
internal static class SliceContent
{
    private const string HeadlessLabel = "service.kubernetes.io/headless";

    // Kubernetes ends generated names in letters that make no words.
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>The Service's own labels, and those by which clients find the slice.</summary>
    public static ImmutableSortedDictionary<string, string> Labels(ServiceView service)
    {
        var labels = service.Labels
            .Remove(HeadlessLabel)
            .SetItem(SliceView.ServiceNameLabel, service.Name)
            .SetItem(SliceView.ManagedByLabel, SliceView.ManagedBy);
        return service.IsHeadless ? labels.SetItem(HeadlessLabel, "") : labels;
    }

    /// <summary>
    /// A name that looks generated, as on a cluster, but is the same in each run: a test may depend on it, and its output does not change.
    /// </summary>
    /// <param name="taken">Names that are in use; the new one is added.</param>
    public static string NewName(ServiceView service, string family, HashSet<string> taken)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var attempt = 0; ; attempt++)
        {
            var seed = string.Create(CultureInfo.InvariantCulture, $"{service.Namespace}/{service.Name}/{family}/{attempt}");
            SHA256.HashData(Encoding.UTF8.GetBytes(seed), hash);
            var name = new StringBuilder(service.Name).Append('-');
            for (var i = 0; i < 5; i++)
            {
                name.Append(NameLetters[hash[i] % NameLetters.Length]);
            }

            if (taken.Add(name.ToString()))
            {
                return name.ToString();
            }
        }
    }

    /// <param name="stored">What there is under the name, whose other fields stay; null: a new slice.</param>
    public static JsonObject Write(
        ServiceView service, string name, string family, JsonObject? stored, SlicePorts ports, IEnumerable<SliceEndpointView> endpoints)
    {
        var content = stored?.DeepClone().AsObject() ?? [];
        content["apiVersion"] = "discovery.k8s.io/v1";
        content["kind"] = "EndpointSlice";
        var metadata = content["metadata"] as JsonObject ?? [];
        content["metadata"] = metadata;
        metadata["name"] = name;
        metadata["namespace"] = service.Namespace;
        metadata["labels"] = Labels(service).ToJsonObject();
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["name"] = service.Name,
            ["uid"] = service.Uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        content["addressType"] = family;
        content["endpoints"] = new JsonArray([.. endpoints.Select(endpoint => (JsonNode)endpoint.ToJson())]);
        content["ports"] = ports.ToJson();
        return content;
    }
}
