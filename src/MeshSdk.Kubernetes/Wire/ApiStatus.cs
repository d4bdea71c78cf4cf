using System.Text.Json;

namespace MeshSdk.Kubernetes.Wire;

/// <summary>Why the API server did not do what it was asked for, from the Status object that it sends with an error.</summary>
/// <param name="Code">As an HTTP status; 0 where it is not stated.</param>
/// <param name="Reason">As in <c>Expired</c>; empty where it is not stated.</param>
/// <param name="Message">For people; empty where it is not stated.</param>
internal sealed record ApiStatus(int Code, string Reason, string Message)
{
    private const string TooLarge = "ResourceVersionTooLarge";

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What was asked for lies in the future of this server, which has likely been restored from a backup.</summary>
    public bool IsVersionTooLarge { get; init; }

    /// <summary>The changes since the version asked for are not kept any more.</summary>
    public bool IsExpired => Code == 410 || Reason is "Expired" or "Gone";

    /// <summary>Null: the text is no Status.</summary>
    public static ApiStatus? TryRead(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && Text(root, "kind") == "Status" ? From(root) : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ApiStatus From(JsonElement root)
    {
        var details = root.TryGetProperty("details", out var stated) && stated.ValueKind == JsonValueKind.Object ? stated : default;
        var message = Text(root, "message");
        return new ApiStatus(Number(root, "code") ?? 0, Text(root, "reason"), message)
        {
            RetryAfter = details.ValueKind == JsonValueKind.Object && Number(details, "retryAfterSeconds") is > 0 and var seconds
                ? TimeSpan.FromSeconds(seconds)
                : null,
            IsVersionTooLarge = HasTooLargeCause(details) || message.Contains("Too large resource version", StringComparison.Ordinal),
        };
    }

    private static bool HasTooLargeCause(JsonElement details) =>
        details.ValueKind == JsonValueKind.Object
        && details.TryGetProperty("causes", out var causes)
        && causes.ValueKind == JsonValueKind.Array
        && causes.EnumerateArray().Any(cause => cause.ValueKind == JsonValueKind.Object && Text(cause, "reason") == TooLarge);

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static int? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
