namespace MeshSdk.Testing.Discovery;

/// <summary>
/// <c>/openapi/v2</c>, with nothing in it. Clients know better documents, but kubectl asks for this one when it meets a kind that is in none of them: a
/// <c>List</c>, or a kind that the server does not have. Without an answer it stops there, and does not come to say what is wrong.
/// </summary>
internal static class OpenApiV2
{
    /// <summary>In which clients ask for it.</summary>
    public const string WantedType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>In which it is sent: clients refuse to read the other, which is no media type.</summary>
    public const string ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static ReadOnlyMemory<byte> Json { get; } =
        """{"swagger":"2.0","info":{"title":"Kubernetes","version":"v1.33.0"},"paths":{}}"""u8.ToArray();

    /// <summary>The same: field 1 is the version of the format, field 2 the info with title and version, field 8 the paths.</summary>
    public static ReadOnlyMemory<byte> Protobuf { get; } = (byte[])
    [
        0x0a, 3, .. "2.0"u8,
        0x12, 21, 0x0a, 10, .. "Kubernetes"u8, 0x12, 7, .. "v1.33.0"u8,
        0x42, 0,
    ];
}
