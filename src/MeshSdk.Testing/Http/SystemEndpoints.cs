using MeshSdk.Testing.Access;
using MeshSdk.Testing.Discovery;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>Serves what is no object: version, health, discovery, OpenAPI and reviews.</summary>
internal sealed class SystemEndpoints(ClusterParts parts)
{
    // A dispatching kubectl chooses the client's version by this one.
    private static readonly byte[] Version = """
        {"major":"1","minor":"33","gitVersion":"v1.33.0-embedded","gitTreeState":"clean","platform":"linux/amd64"}
        """u8.ToArray();

    /// <summary>What everybody may know, known or not.</summary>
    public static bool IsPublic(ApiRequest request) => request.Plural is null && request.Path.Split('/') is ["", "version" or "healthz" or "livez" or "readyz", ..];

    /// <summary>Everybody may ask about themselves.</summary>
    public static bool IsReview(ApiRequest request) => request is
        { Verb: "create", Group: "authentication.k8s.io", Plural: "selfsubjectreviews" } or
        { Verb: "create", Group: "authorization.k8s.io", Plural: "selfsubjectaccessreviews" or "selfsubjectrulesreviews" };

    /// <param name="user">Null only for what is public.</param>
    public Task ServeAsync(HttpContext context, ApiRequest request, ApiUser? user, CancellationToken cancellationToken)
    {
        if (user is not null && IsReview(request))
        {
            return request.Plural switch
            {
                "selfsubjectreviews" => ReviewEndpoints.WhoAsync(context, user),
                "selfsubjectrulesreviews" => ReviewEndpoints.RulesAsync(parts, context, user, cancellationToken),
                _ => ReviewEndpoints.MayAsync(parts, context, user, cancellationToken),
            };
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return NotFoundAsync(context);
        }

        return request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["version"] => ApiResponse.WriteAsync(context, 200, Version),
            ["healthz" or "livez" or "readyz", ..] => ApiResponse.WriteAsync(context, 200, "ok"u8.ToArray(), "text/plain; charset=utf-8"),
            ["api"] => DiscoverAsync(context, isCore: true),
            ["apis"] => DiscoverAsync(context, isCore: false),
            ["api", var version] => FoundAsync(context, parts.Discovery.Resources("", version)),
            ["apis", var group] => FoundAsync(context, parts.Discovery.Group(group)),
            ["apis", var group, var version] => FoundAsync(context, parts.Discovery.Resources(group, version)),
            ["openapi", "v2"] => OpenApiV2Async(context),
            ["openapi", "v3"] => ApiResponse.WriteAsync(context, 200, parts.Semantics.OpenApiIndex),
            ["openapi", "v3", "api", var version] => FoundAsync(context, parts.Semantics.OpenApi("", version)),
            ["openapi", "v3", "apis", var group, var version] => FoundAsync(context, parts.Semantics.OpenApi(group, version)),
            _ => NotFoundAsync(context),
        };
    }

    private static Task OpenApiV2Async(HttpContext context)
    {
        context.Response.Headers.Vary = "Accept";
        return context.Request.Headers.Accept.ToString().Contains(OpenApiV2.WantedType, StringComparison.Ordinal)
            ? ApiResponse.WriteAsync(context, 200, OpenApiV2.Protobuf, OpenApiV2.ProtobufType)
            : ApiResponse.WriteAsync(context, 200, OpenApiV2.Json);
    }

    private Task DiscoverAsync(HttpContext context, bool isCore)
    {
        context.Response.Headers.Vary = "Accept";
        if (parts.Options.AggregatedDiscovery && ObjectForms.AggregatedDiscovery(context.Request) is { } version)
        {
            return ApiResponse.WriteAsync(
                context, 200, parts.Discovery.Aggregated(version, isCore), $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
        }

        return ApiResponse.WriteAsync(context, 200, isCore ? parts.Discovery.CoreVersions : parts.Discovery.Groups);
    }

    private static Task FoundAsync(HttpContext context, ReadOnlyMemory<byte>? document) =>
        document is { } found ? ApiResponse.WriteAsync(context, 200, found) : NotFoundAsync(context);

    private static Task NotFoundAsync(HttpContext context) =>
        ApiResponse.WriteAsync(context, 404, "404 page not found\n"u8.ToArray(), "text/plain; charset=utf-8");
}
