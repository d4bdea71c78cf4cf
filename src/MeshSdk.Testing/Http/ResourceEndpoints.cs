using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using MeshSdk.Testing.Tables;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>Serves requests for objects and collections.</summary>
internal sealed class ResourceEndpoints(ClusterParts parts)
{
    private const string ApplyPatch = "application/apply-patch+yaml";

    private readonly ObjectQueries _queries = new(parts.Store);

    /// <exception cref="ApiException">The request is refused.</exception>
    public async Task ServeAsync(HttpContext context, ApiRequest request, EmbeddedRequest described, CancellationToken cancellationToken)
    {
        if (!parts.Semantics.TryFind(request.Group, request.Version, request.Plural!, out var type))
        {
            await NoSuchKindAsync(context, request).ConfigureAwait(false);
            return;
        }

        request.CheckScope(type);
        CheckSubresource(type, request);
        var form = ObjectForms.Negotiate(context.Request);
        var wire = new ObjectWire(parts.Semantics, type, form, Included(context.Request), parts.Options.Time);
        switch (request.Verb)
        {
            case "get":
                await SendAsync(context, 200, wire, _queries.Get(type, request.Namespace, request.Name)).ConfigureAwait(false);
                break;
            case "list":
                var page = _queries.List(type, ListOptions.Parse(type, request.Namespace, context.Request.Query));
                var pieces = wire.List(page).ToList();
                await ApiResponse.WriteAsync(context, pieces.Sum(piece => (long)piece.Length), pieces).ConfigureAwait(false);
                break;
            case "watch":
                var list = ListOptions.Parse(type, request.Namespace, context.Request.Query);
                await parts.Watches.ServeAsync(context, described, type, list, wire, cancellationToken).ConfigureAwait(false);
                break;
            case "create" when request.Name.Length == 0:
                await CreateAsync(context, request, type, wire, cancellationToken).ConfigureAwait(false);
                break;
            case "create" when request is { Plural: "serviceaccounts", Subresource: "token" }:
                await ReviewEndpoints.IssueAsync(parts, context, request, type, cancellationToken).ConfigureAwait(false);
                break;
            case "update" when request.Name.Length > 0:
                await UpdateAsync(context, request, type, wire, cancellationToken).ConfigureAwait(false);
                break;
            case "patch" when request.Name.Length > 0:
                await PatchAsync(context, request, type, wire, cancellationToken).ConfigureAwait(false);
                break;
            case "delete" when request.Subresource.Length == 0:
                await DeleteAsync(context, request, type, wire, cancellationToken).ConfigureAwait(false);
                break;
            case "deletecollection":
                await DeleteAllAsync(context, request, type, wire, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new ApiException(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
    }

    private async Task CreateAsync(HttpContext context, ApiRequest request, ResourceType type, ObjectWire wire, CancellationToken cancellationToken)
    {
        var options = WriteQuery.Parse(context.Request, "");
        var content = await ReadAsync(context, options, cancellationToken).ConfigureAwait(false);
        Answer(context, parts.Writer.Create(type, request.Namespace, content, options), out var stored);
        await SendAsync(context, 201, wire, stored).ConfigureAwait(false);
    }

    private async Task UpdateAsync(HttpContext context, ApiRequest request, ResourceType type, ObjectWire wire, CancellationToken cancellationToken)
    {
        var options = WriteQuery.Parse(context.Request, request.Subresource);
        var content = await ReadAsync(context, options, cancellationToken).ConfigureAwait(false);
        Answer(context, parts.Writer.Update(type, request.Namespace, request.Name, content, options), out var stored);
        await SendAsync(context, 200, wire, stored).ConfigureAwait(false);
    }

    private async Task PatchAsync(HttpContext context, ApiRequest request, ResourceType type, ObjectWire wire, CancellationToken cancellationToken)
    {
        var options = WriteQuery.Parse(context.Request, request.Subresource);
        var mediaType = RequestBody.MediaTypeOf(context.Request);
        WriteQuery.CheckPatch(context.Request, mediaType == ApplyPatch);
        WriteResult result;
        if (mediaType == ApplyPatch)
        {
            var applied = await ReadAsync(context, options, cancellationToken).ConfigureAwait(false);
            result = parts.Writer.Apply(type, request.Namespace, request.Name, applied, options);
        }
        else
        {
            var patch = await RequestBody.ReadAsync(context.Request, cancellationToken).ConfigureAwait(false);
            result = parts.Writer.Patch(type, request.Namespace, request.Name, mediaType, patch, options);
        }

        Answer(context, result, out var stored);
        await SendAsync(context, result.IsCreated ? 201 : 200, wire, stored).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HttpContext context, ApiRequest request, ResourceType type, ObjectWire wire, CancellationToken cancellationToken)
    {
        var options = await ReadDeleteOptionsAsync(context, cancellationToken).ConfigureAwait(false);
        var result = parts.Writer.Delete(type, request.Namespace, request.Name, options);
        if (result.Remaining is { } remaining)
        {
            await SendAsync(context, 200, wire, remaining).ConfigureAwait(false);
            return;
        }

        var uid = result.Deleted.Parse(type).Metadata().Text("uid") ?? "";
        await ApiResponse.WriteAsync(context, 200, ApiStatus.Success(type, request.Name, uid)).ConfigureAwait(false);
    }

    private async Task DeleteAllAsync(HttpContext context, ApiRequest request, ResourceType type, ObjectWire wire, CancellationToken cancellationToken)
    {
        var options = await ReadDeleteOptionsAsync(context, cancellationToken).ConfigureAwait(false);
        var page = _queries.List(type, ListOptions.Parse(type, request.Namespace, context.Request.Query));
        foreach (var stored in page.Items)
        {
            try
            {
                parts.Writer.Delete(type, type.IsNamespaced ? stored.Key.Namespace : null, stored.Key.Name, options);
            }
            catch (ApiException gone) when (gone.Code == 404)
            {
                // Somebody else was faster, which is as good.
            }
        }

        var pieces = wire.List(page).ToList();
        await ApiResponse.WriteAsync(context, pieces.Sum(piece => (long)piece.Length), pieces).ConfigureAwait(false);
    }

    private async Task<JsonObject> ReadAsync(HttpContext context, WriteOptions options, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancellationToken).ConfigureAwait(false);
        var content = RequestBody.Parse(parts.Semantics, RequestBody.MediaTypeOf(context.Request), body, out var duplicates);
        ApiResponse.Warn(context, RequestBody.Judge(duplicates, options.Validation));
        return content;
    }

    private async Task<DeleteOptions> ReadDeleteOptionsAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancellationToken).ConfigureAwait(false);
        var content = body.IsEmpty ? [] : RequestBody.Parse(parts.Semantics, RequestBody.MediaTypeOf(context.Request), body, out _);
        return WriteQuery.Delete(context.Request, content);
    }

    private static void Answer(HttpContext context, WriteResult result, out StoredObject stored)
    {
        ApiResponse.Warn(context, result.Warnings);
        stored = result.Object;
    }

    private static async Task SendAsync(HttpContext context, int code, ObjectWire wire, StoredObject stored)
    {
        var pieces = wire.Single(stored).ToList();
        await ApiResponse.WriteAsync(context, pieces.Sum(piece => (long)piece.Length), pieces, code).ConfigureAwait(false);
    }

    private static void CheckSubresource(ResourceType type, ApiRequest request)
    {
        var isKnown = request.Subresource switch
        {
            "" => true,
            "status" => type.HasStatus && request.Verb is ("get" or "update" or "patch"),
            "finalize" => KindRules.IsNamespace(type) && request.Verb is "update",
            "token" => type is { Group: "", Plural: "serviceaccounts" } && request.Verb is "create",
            _ => false,
        };
        if (!isKnown)
        {
            throw ApiRequest.NoSuchResource();
        }
    }

    private static IncludeObject Included(HttpRequest request) => request.Query["includeObject"].ToString() switch
    {
        "Object" => IncludeObject.Object,
        "None" => IncludeObject.None,
        _ => IncludeObject.Metadata,
    };

    /// <summary>
    /// A group version that is not served at all is a page that is not there, as for any web server; clients only look at the code.
    /// </summary>
    private Task NoSuchKindAsync(HttpContext context, ApiRequest request) =>
        parts.Discovery.Resources(request.Group, request.Version) is null
            ? ApiResponse.WriteAsync(context, 404, "404 page not found\n"u8.ToArray(), "text/plain; charset=utf-8")
            : throw ApiRequest.NoSuchResource();
}
