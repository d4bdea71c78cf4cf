using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Tool.Explain;

[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(BatchError))]
internal sealed partial class ExplainJson : JsonSerializerContext
{
    /// <summary>Leaves quotes and letters of all scripts as they are: the reader is a terminal or a JSON parser, never a web page.</summary>
    private static readonly ExplainJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(Explanation explanation) => JsonSerializer.Serialize(explanation, Readable.Explanation);

    public static string Write(BatchError error) => JsonSerializer.Serialize(error, Readable.BatchError);
}
