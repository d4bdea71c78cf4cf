using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MeshSdk.Testing.Api;

/// <summary>Trees are all that is serialized, so no type needs more than this.</summary>
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class JsonContext : JsonSerializerContext;
