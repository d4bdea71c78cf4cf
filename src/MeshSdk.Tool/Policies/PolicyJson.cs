using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Tool.Policies;

/// <summary>Blocks that no object states, written as if one did.</summary>
[JsonSerializable(typeof(EffectiveOutlierDetection))]
[JsonSerializable(typeof(EffectiveConnectionPool))]
internal sealed partial class PolicyJson : JsonSerializerContext
{
    private static readonly PolicyJson Fields = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase });

    public static JsonElement Of(EffectiveOutlierDetection outliers) => JsonSerializer.SerializeToElement(outliers, Fields.EffectiveOutlierDetection);

    public static JsonElement Of(EffectiveConnectionPool pool) => JsonSerializer.SerializeToElement(pool, Fields.EffectiveConnectionPool);
}
