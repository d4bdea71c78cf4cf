using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>The query of a write.</summary>
internal static class WriteQuery
{
    private const int MaxManagerLength = 128;

    /// <exception cref="ApiException">422: a parameter has a value that there is none of.</exception>
    public static WriteOptions Parse(HttpRequest request, string subresource) => new()
    {
        Manager = ManagerOf(request),
        IsDryRun = IsDryRun(request.Query["dryRun"].ToString()),
        Validation = request.Query["fieldValidation"].ToString() switch
        {
            "" or "Warn" => FieldValidation.Warn,
            "Ignore" => FieldValidation.Ignore,
            "Strict" => FieldValidation.Strict,
            var other => throw Invalid("fieldValidation", $"Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
        },
        Force = ListOptions.Flag(request.Query["force"]),
        Subresource = subresource,
    };

    /// <exception cref="ApiException">422: a parameter is missing, or belongs to the other sort of patch.</exception>
    public static void CheckPatch(HttpRequest request, bool isApply)
    {
        if (isApply && request.Query["fieldManager"].ToString().Length == 0)
        {
            throw Invalid("fieldManager", "Required value: is required for apply patch");
        }

        if (!isApply && ListOptions.Flag(request.Query["force"]))
        {
            throw Invalid("force", "Forbidden: may not be specified for non-apply patch");
        }
    }

    /// <summary>The body and the query say the same things; the query wins, as it is what curl users write.</summary>
    public static DeleteOptions Delete(HttpRequest request, JsonObject content)
    {
        var preconditions = content.Object("preconditions");
        var policy = request.Query["propagationPolicy"].ToString() is { Length: > 0 } stated ? stated : content.Text("propagationPolicy");
        if (policy is not (null or "" or "Background" or "Foreground" or "Orphan"))
        {
            throw Invalid("propagationPolicy", $"Unsupported value: \"{policy}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
        }

        var grace = request.Query["gracePeriodSeconds"].ToString();
        return new()
        {
            GracePeriod = grace.Length == 0 ? content.Number("gracePeriodSeconds")
                : long.TryParse(grace, out var seconds) ? seconds
                : throw Invalid("gracePeriodSeconds", $"Invalid value: \"{grace}\""),
            Uid = preconditions?.Text("uid"),
            ResourceVersion = preconditions?.Text("resourceVersion"),
            IsDryRun = IsDryRun(request.Query["dryRun"].ToString()) || content.Texts("dryRun").Any(IsDryRun),
        };
    }

    private static bool IsDryRun(string value) => value switch
    {
        "" => false,
        "All" => true,
        _ => throw Invalid("dryRun", $"Unsupported value: \"{value}\": supported values: \"All\""),
    };

    /// <summary>Who names no manager is known by the first word of its user agent.</summary>
    private static string ManagerOf(HttpRequest request)
    {
        if (request.Query["fieldManager"].ToString() is { Length: > 0 } manager)
        {
            return manager.Length <= MaxManagerLength
                ? manager
                : throw Invalid("fieldManager", $"Too long: may not be more than {MaxManagerLength} bytes");
        }

        var agent = request.Headers.UserAgent.ToString().Split('/', 2)[0];
        return agent.Length == 0 ? "unknown" : agent[..Math.Min(agent.Length, MaxManagerLength)];
    }

    private static ApiException Invalid(string field, string problem) => new(422, "Invalid", $"Options.meta.k8s.io \"\" is invalid: {field}: {problem}")
    {
        Details = new() { ["group"] = "meta.k8s.io", ["causes"] = new JsonArray(new JsonObject { ["message"] = problem, ["field"] = field }) },
    };
}
