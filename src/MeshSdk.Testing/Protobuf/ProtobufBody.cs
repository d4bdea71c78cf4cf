using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Protobuf;

/// <summary>Bodies of <c>application/vnd.kubernetes.protobuf</c>, which typed kubectl commands and helm send, and which have no fallback.</summary>
internal static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    /// <summary>The same as JSON, with <c>apiVersion</c> and <c>kind</c>.</summary>
    /// <exception cref="ApiException">415 for a kind that is not in the table; 400 where it cannot be read.</exception>
    public static JsonObject Decode(ReadOnlyMemory<byte> body) => throw new NotImplementedException();
}
