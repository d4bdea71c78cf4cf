using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Api;

/// <summary>The <c>Status</c> object, which is the body of every refusal and of most deletions.</summary>
internal static class ApiStatus
{
    public static byte[] Of(ApiException refusal) => Failure(refusal.Code, refusal.Reason, refusal.Message, refusal.Details);

    public static byte[] Failure(int code, string reason, string message, JsonObject? details = null)
    {
        var status = New("Failure");
        status["message"] = message;
        status["reason"] = reason;
        if (details is not null)
        {
            // kubectl builds its sentence from these, and the core group has no name to show.
            var shown = details.DeepClone().AsObject();
            if (shown.Text("group") is "")
            {
                shown.Remove("group");
            }

            // The continue token of an expired page stands in the metadata.
            if (shown.Remove("continue", out var token))
            {
                status["metadata"] = new JsonObject { ["continue"] = token };
            }

            status["details"] = shown;
        }

        status["code"] = code;
        return JsonSerializer.SerializeToUtf8Bytes(status, JsonContext.Default.JsonObject);
    }

    public static byte[] Success(ResourceType type, string name, string uid)
    {
        var status = New("Success");
        var details = ApiException.DetailsOf(type, name);
        if (type.Group.Length == 0)
        {
            details.Remove("group");
        }

        details["uid"] = uid;
        status["details"] = details;
        return JsonSerializer.SerializeToUtf8Bytes(status, JsonContext.Default.JsonObject);
    }

    /// <summary>What Kubernetes calls the answers that carry no word of their own.</summary>
    public static string ReasonOf(int code) => code switch
    {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        406 => "NotAcceptable",
        409 => "Conflict",
        410 => "Expired",
        413 => "RequestEntityTooLarge",
        415 => "UnsupportedMediaType",
        422 => "Invalid",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "",
    };

    private static JsonObject New(string outcome) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = outcome,
    };
}
