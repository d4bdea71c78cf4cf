using MeshSdk.Testing.Access;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Testing.Http;

/// <summary>The way of a request: faults, who asks, whether they may, and to the endpoint.</summary>
internal sealed partial class ApiHandler(ClusterParts parts, ILogger logger)
{
    private readonly Authentication _authentication = new(parts.Tokens, parts.Authorizer);
    private readonly ResourceEndpoints _resources = new(parts);
    private readonly SystemEndpoints _system = new(parts);

    /// <param name="stopping">The server stops listening: whatever runs has to end at once.</param>
    public async Task HandleAsync(HttpContext context, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var request = ApiRequest.Parse(context.Request);
        try
        {
            await ServeAsync(context, request, ended.Token).ConfigureAwait(false);
        }
        catch (ApiException refusal)
        {
            await RefuseAsync(context, refusal).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            if (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
            {
                context.Abort();
            }
        }
        catch (Exception failure)
        {
            Failed(request.Verb, request.Path, failure);
            await RefuseAsync(context, new(500, "InternalError", $"Internal error occurred: {failure.Message}")).ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(HttpContext context, ApiRequest request, CancellationToken cancellationToken)
    {
        var described = request.Describe(context);
        parts.Options.OnRequest?.Invoke(described);
        if (await parts.Faults.InterceptAsync(described, context, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        context.Response.Headers.CacheControl = "no-cache, private";
        if (SystemEndpoints.IsPublic(request))
        {
            await _system.ServeAsync(context, request, null, cancellationToken).ConfigureAwait(false);
            return;
        }

        var user = _authentication.Authenticate(context.Request);
        Authorize(user, request, context.Request);
        if (request.Plural is null || SystemEndpoints.IsReview(request))
        {
            await _system.ServeAsync(context, request, user, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await _resources.ServeAsync(context, request, described, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Authorize(ApiUser user, ApiRequest request, HttpRequest http)
    {
        if (parts.Authorizer is not { } authorizer || SystemEndpoints.IsReview(request))
        {
            return;
        }

        var name = request.Name;
        if (request.Verb is "list" or "watch" or "deletecollection"
            && parts.Semantics.TryFind(request.Group, request.Version, request.Plural!, out var type))
        {
            name = FieldSelector.Parse(type, http.Query["fieldSelector"]).SingleName ?? "";
        }

        var access = request.Plural is null
            ? new AccessRequest(user, request.Verb, "", null, null, "", request.Path)
            : new AccessRequest(user, request.Verb, request.Group, request.AccessResource, request.Namespace, name, request.Path);
        if (authorizer.Refuse(access) is { } refusal)
        {
            throw new ApiException(403, "Forbidden", refusal) { Details = new() { ["name"] = name, ["group"] = request.Group, ["kind"] = request.Plural } };
        }
    }

    private static async Task RefuseAsync(HttpContext context, ApiException refusal)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        // Headers of an answer that did not come to be would describe another body than this one.
        context.Response.Headers.ContentEncoding = default;
        try
        {
            await ApiResponse.WriteAsync(context, refusal).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client has gone; nobody is left to be told.
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Verb} {Path} failed.")]
    private partial void Failed(string verb, string path, Exception failure);
}
