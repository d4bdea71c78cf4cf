using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MeshSdk.Testing.Http;

/// <summary>The query of a list or a watch.</summary>
internal sealed record ListOptions
{
    public required ObjectFilter Filter { get; init; }

    /// <summary>Null: the latest, wanted without fail. 0: any.</summary>
    public long? Revision { get; init; }

    /// <summary>Empty, <c>Exact</c> or <c>NotOlderThan</c>.</summary>
    public string Match { get; init; } = "";

    /// <summary>Null: all.</summary>
    public int? Limit { get; init; }

    public ContinueToken? Continue { get; init; }

    public bool? SendsInitialEvents { get; init; }

    public bool AllowsBookmarks { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <exception cref="ApiException">400 or 422: something of it cannot be read, or does not go together.</exception>
    public static ListOptions Parse(ResourceType type, string? ns, IQueryCollection query)
    {
        var options = new ListOptions
        {
            Filter = new(ns, LabelSelector.Parse(query["labelSelector"]), FieldSelector.Parse(type, query["fieldSelector"])),
            Revision = query["resourceVersion"].ToString() is { Length: > 0 } version ? RevisionOf(version) : null,
            Match = query["resourceVersionMatch"].ToString(),
            Limit = Number(query, "limit") is > 0 and var limit ? (int)Math.Min(limit, int.MaxValue) : null,
            Continue = query["continue"].ToString() is { Length: > 0 } token ? ContinueToken.Decode(token) : null,
            SendsInitialEvents = query["sendInitialEvents"].ToString() is { Length: > 0 } sends ? Flag(sends) : null,
            AllowsBookmarks = Flag(query["allowWatchBookmarks"]),
            Timeout = Number(query, "timeoutSeconds") is > 0 and var seconds ? TimeSpan.FromSeconds(Math.Min(seconds, 1_000_000)) : null,
        };
        options.Check();
        return options;
    }

    /// <summary>As Kubernetes reads a flag: named without a value it is set.</summary>
    public static bool Flag(StringValues value) => value.Count > 0 && value.ToString() is not ("0" or "false" or "False" or "FALSE" or "f" or "F");

    public static ApiException Invalid(string field, string problem) => new(422, "Invalid", $"ListOptions.meta.k8s.io \"\" is invalid: {field}: {problem}")
    {
        Details = new()
        {
            ["group"] = "meta.k8s.io",
            ["kind"] = "ListOptions",
            ["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = problem.StartsWith("Forbidden", StringComparison.Ordinal) ? "FieldValueForbidden" : "FieldValueNotSupported",
                ["message"] = problem,
                ["field"] = field,
            }),
        },
    };

    private void Check()
    {
        if (Match is not ("" or "Exact" or "NotOlderThan"))
        {
            throw Invalid("resourceVersionMatch", $"Unsupported value: \"{Match}\": supported values: \"Exact\", \"NotOlderThan\"");
        }

        if (SendsInitialEvents is not null && Match != "NotOlderThan")
        {
            throw Invalid("resourceVersionMatch", "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (Match.Length > 0 && Revision is null && SendsInitialEvents is null)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (Match == "Exact" && Revision == 0)
        {
            throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
        }

        if (Continue is not null && Revision is > 0)
        {
            throw ApiException.BadRequest("specifying resource version is not allowed when using continue");
        }
    }

    private static long RevisionOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
        ? revision
        : throw Invalid("resourceVersion", $"Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");

    private static long? Number(IQueryCollection query, string name)
    {
        var text = query[name].ToString();
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw ApiException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax ({name})");
    }
}
