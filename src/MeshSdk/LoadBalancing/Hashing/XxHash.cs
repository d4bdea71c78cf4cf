using System.Buffers;
using System.IO.Hashing;
using System.Text;

namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>XXH64 of text, the hash that Envoy places both endpoints and requests by.</summary>
internal static class XxHash
{
    private const int MostOnStack = 128;

    /// <param name="text">Hashed as UTF-8; what stands in headers and addresses is ASCII.</param>
    /// <param name="seed">Nearly always 0.</param>
    public static ulong Of(ReadOnlySpan<char> text, ulong seed = 0)
    {
        if (text.Length <= MostOnStack)
        {
            Span<byte> bytes = stackalloc byte[MostOnStack];
            if (Ascii.FromUtf16(text, bytes, out var written) == OperationStatus.Done)
            {
                return XxHash64.HashToUInt64(bytes[..written], (long)seed);
            }
        }

        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return XxHash64.HashToUInt64(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)), (long)seed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
