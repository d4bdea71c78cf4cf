using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Tool.Describe;

[JsonSerializable(typeof(ServiceDescription))]
internal sealed partial class DescribeJson : JsonSerializerContext
{
    private static readonly DescribeJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(ServiceDescription description) => JsonSerializer.Serialize(description, Readable.ServiceDescription);
}
