using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace MeshSdk.Resources.Json;

/// <summary>
/// Tells whether an object changed in a field that the mesh reads. The records themselves cannot: their arrays and JSON fragments compare
/// by reference.
/// </summary>
internal static class ResourceFingerprint
{
    public static UInt128 Of(Resource resource) => ResourceKinds.Of(resource) is { } kind
        ? Of(JsonSerializer.SerializeToUtf8Bytes(resource, kind.TypeInfo))
        : throw new ArgumentException($"{resource.Kind} is not in the table of kinds.", nameof(resource));

    public static UInt128 Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
