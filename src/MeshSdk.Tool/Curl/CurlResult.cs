using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MeshSdk.Telemetry;

namespace MeshSdk.Tool.Curl;

/// <summary>
/// What came back for one request. The properties and their order are a public interface that scripts read: may grow, never change.
/// Every property is always written.
/// </summary>
/// <param name="Reason">Why the mesh answered itself; null where a server did, and where there was no answer.</param>
internal sealed record CurlResult(
    int I,
    int Status,
    int? GrpcStatus,
    string? Backend,
    string? Endpoint,
    int Attempts,
    double Ms,
    string Flags,
    string? Peer,
    IReadOnlyDictionary<string, string> Headers,
    string Body,
    string? Error,
    string? Reason = null)
{
    /// <summary>The first line of the response as it came; for people.</summary>
    [JsonIgnore]
    public string StatusLine { get; init; } = "";

    /// <summary>The headers as they came, repeated ones each for itself; for people.</summary>
    [JsonIgnore]
    public IReadOnlyList<KeyValuePair<string, string>> HeaderLines { get; init; } = [];

    /// <summary>The body as it came, which need not be text.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>The mesh answered because something could not be read that decides about the call.</summary>
    [JsonIgnore]
    public bool IsUnknown => Reason is not null && Flags == ResponseFlags.NoCluster && (Status == 503 || GrpcStatus is not null);

    /// <summary>No answer, or one that says that the server or the mesh failed.</summary>
    [JsonIgnore]
    public bool Failed => Error is not null || Status >= 500 || GrpcStatus is not (null or 0);
}

[JsonSerializable(typeof(CurlResult))]
internal sealed partial class CurlJson : JsonSerializerContext
{
    private static readonly CurlJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(CurlResult result) => JsonSerializer.Serialize(result, Readable.CurlResult);
}
