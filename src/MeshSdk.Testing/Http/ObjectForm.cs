using MeshSdk.Testing.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MeshSdk.Testing.Http;

/// <summary>In which form a client wants its objects.</summary>
internal enum ObjectForm
{
    Whole,

    /// <summary>As <c>kubectl get</c> prints them.</summary>
    Table,

    /// <summary>Only their metadata.</summary>
    Metadata,
}

internal static class ObjectForms
{
    /// <summary>The first form of the Accept header that there is; whole objects where the client does not say.</summary>
    /// <exception cref="ApiException">406: the client takes nothing that there is.</exception>
    public static ObjectForm Negotiate(HttpRequest request)
    {
        var accepted = request.Headers.Accept;
        if (accepted.Count == 0 || !MediaTypeHeaderValue.TryParseList(accepted, out var types))
        {
            return ObjectForm.Whole;
        }

        foreach (var type in types.OrderByDescending(type => type.Quality ?? 1))
        {
            if (type.MediaType.Value?.ToLowerInvariant() is "*/*" or "application/*" or "application/json")
            {
                switch (Parameter(type, "as"))
                {
                    case "":
                        return ObjectForm.Whole;
                    case "Table" when IsMeta(type):
                        return ObjectForm.Table;
                    case "PartialObjectMetadata" or "PartialObjectMetadataList" when IsMeta(type):
                        return ObjectForm.Metadata;
                }
            }
        }

        throw new ApiException(406, "NotAcceptable", "only the following media types are accepted: application/json");
    }

    /// <summary>Whether discovery is wanted in its aggregated form, and in which version of it; null where it is not.</summary>
    public static string? AggregatedDiscovery(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types))
        {
            return null;
        }

        return types
            .Where(type => Parameter(type, "g") == "apidiscovery.k8s.io" && Parameter(type, "as") == "APIGroupDiscoveryList")
            .Select(type => Parameter(type, "v"))
            .FirstOrDefault(version => version is "v2" or "v2beta1");
    }

    private static bool IsMeta(MediaTypeHeaderValue type) => Parameter(type, "g") == "meta.k8s.io" && Parameter(type, "v") is "v1" or "v1beta1";

    private static string Parameter(MediaTypeHeaderValue type, string name) =>
        type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.ToString() ?? "";
}
