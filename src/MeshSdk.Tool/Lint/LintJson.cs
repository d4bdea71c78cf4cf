using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Tool.Lint;

[JsonSerializable(typeof(IReadOnlyList<LintFinding>))]
internal sealed partial class LintJson : JsonSerializerContext
{
    private static readonly LintJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(IReadOnlyList<LintFinding> findings) => JsonSerializer.Serialize(findings, Readable.IReadOnlyListLintFinding);
}
