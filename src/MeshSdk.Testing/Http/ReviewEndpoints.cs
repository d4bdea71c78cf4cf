using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Access;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>Requests that create no object but ask: for a token, who I am, what I may do.</summary>
internal static class ReviewEndpoints
{
    /// <summary><c>serviceaccounts/NAME/token</c>.</summary>
    /// <exception cref="ApiException">404: there is no such service account.</exception>
    public static async Task IssueAsync(ClusterParts parts, HttpContext context, ApiRequest request, ResourceType type, CancellationToken cancellationToken)
    {
        var content = await ReadAsync(parts, context, cancellationToken).ConfigureAwait(false);
        if (parts.Store.Find(CollectionId.Of(type), new(request.Namespace ?? "", request.Name)) is null)
        {
            throw ApiException.NotFound(type, request.Name);
        }

        var spec = content.Object("spec") ?? [];
        var lifetime = spec.Number("expirationSeconds") is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var (token, expiry) = parts.Tokens.Issue(request.Namespace!, request.Name, lifetime);
        await AnswerAsync(context, new()
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = request.Name, ["namespace"] = request.Namespace, ["creationTimestamp"] = null },
            ["spec"] = spec.DeepClone(),
            ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = ObjectStamp.Time(expiry) },
        }).ConfigureAwait(false);
    }

    public static Task WhoAsync(HttpContext context, ApiUser user) => AnswerAsync(context, new()
    {
        ["kind"] = "SelfSubjectReview",
        ["apiVersion"] = "authentication.k8s.io/v1",
        ["metadata"] = new JsonObject { ["creationTimestamp"] = null },
        ["status"] = new JsonObject
        {
            ["userInfo"] = new JsonObject
            {
                ["username"] = user.Name,
                ["groups"] = new JsonArray([.. user.Groups.Select(group => JsonValue.Create(group))]),
            },
        },
    });

    public static async Task MayAsync(ClusterParts parts, HttpContext context, ApiUser user, CancellationToken cancellationToken)
    {
        var content = await ReadAsync(parts, context, cancellationToken).ConfigureAwait(false);
        var spec = content.Object("spec") ?? [];
        var refusal = parts.Authorizer?.Refuse(AccessOf(user, spec));
        var status = new JsonObject { ["allowed"] = refusal is null };

        // A plain no needs no reason; one for which the rules are to blame does, and kubectl prints it.
        if (refusal?.IndexOf(AccessRefusal.Blame, StringComparison.Ordinal) is >= 0 and var at)
        {
            status["reason"] = refusal[(at + 2)..];
        }

        await AnswerAsync(context, new()
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = new JsonObject { ["creationTimestamp"] = null },
            ["spec"] = spec.DeepClone(),
            ["status"] = status,
        }).ConfigureAwait(false);
    }

    /// <summary>What <c>kubectl auth can-i --list</c> prints.</summary>
    public static async Task RulesAsync(ClusterParts parts, HttpContext context, ApiUser user, CancellationToken cancellationToken)
    {
        var content = await ReadAsync(parts, context, cancellationToken).ConfigureAwait(false);
        var spec = content.Object("spec") ?? [];
        var rules = parts.Authorizer?.Rules(user, spec.Text("namespace") ?? "") ?? RbacDefaults.Administrator;
        await AnswerAsync(context, new()
        {
            ["kind"] = "SelfSubjectRulesReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = new JsonObject { ["creationTimestamp"] = null },
            ["spec"] = spec.DeepClone(),
            ["status"] = new JsonObject
            {
                ["resourceRules"] = new JsonArray([.. rules.Where(rule => rule.Resources.Length > 0).Select(ResourceRule)]),
                ["nonResourceRules"] = new JsonArray([.. rules.Where(rule => rule.NonResourceUrls.Length > 0).Select(PathRule)]),
                ["incomplete"] = false,
            },
        }).ConfigureAwait(false);
    }

    private static JsonObject ResourceRule(RbacRule rule)
    {
        var result = new JsonObject { ["verbs"] = Texts(rule.Verbs), ["apiGroups"] = Texts(rule.Groups), ["resources"] = Texts(rule.Resources) };
        if (!rule.ResourceNames.IsEmpty)
        {
            result["resourceNames"] = Texts(rule.ResourceNames);
        }

        return result;
    }

    private static JsonObject PathRule(RbacRule rule) => new() { ["verbs"] = Texts(rule.Verbs), ["nonResourceURLs"] = Texts(rule.NonResourceUrls) };

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    private static AccessRequest AccessOf(ApiUser user, JsonObject spec)
    {
        if (spec.Object("nonResourceAttributes") is { } path)
        {
            return new(user, path.Text("verb") ?? "", "", null, null, "", path.Text("path") ?? "");
        }

        var asked = spec.Object("resourceAttributes") ?? throw new ApiException(
            422, "Invalid", "SelfSubjectAccessReview.authorization.k8s.io \"\" is invalid: spec.resourceAttributes: Required value");
        var resource = asked.Text("resource") ?? "";
        return new(
            user, asked.Text("verb") ?? "", asked.Text("group") ?? "",
            asked.Text("subresource") is { Length: > 0 } subresource ? $"{resource}/{subresource}" : resource,
            asked.Text("namespace") is { Length: > 0 } ns ? ns : null, asked.Text("name") ?? "", "");
    }

    private static async Task<JsonObject> ReadAsync(ClusterParts parts, HttpContext context, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(context.Request, cancellationToken).ConfigureAwait(false);
        return RequestBody.Parse(parts.Semantics, RequestBody.MediaTypeOf(context.Request), body, out _);
    }

    private static Task AnswerAsync(HttpContext context, JsonObject answer) =>
        ApiResponse.WriteAsync(context, 201, JsonSerializer.SerializeToUtf8Bytes(answer, JsonContext.Default.JsonObject));
}
