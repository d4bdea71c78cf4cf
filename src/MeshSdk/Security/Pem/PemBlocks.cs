using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MeshSdk.Security.Pem;

/// <summary>The blocks of a PEM text, in their order. What stands between them is for people.</summary>
internal static class PemBlocks
{
    /// <summary>Takes one block: its label, and what it says, which is wiped afterwards.</summary>
    public delegate void Reader(string label, ReadOnlySpan<byte> content);

    /// <param name="text">The file's bytes.</param>
    /// <param name="source">Where the text is from, for errors.</param>
    /// <param name="read">Takes the blocks.</param>
    /// <exception cref="PemException">A block has begun and does not end, as in a file that is still being written, or holds no base64.</exception>
    public static void Read(ReadOnlySpan<byte> text, string source, Reader read)
    {
        while (PemEncoding.TryFindUtf8(text, out var fields))
        {
            var label = Encoding.UTF8.GetString(text[fields.Label]);
            var content = ArrayPool<byte>.Shared.Rent(fields.DecodedDataLength);
            try
            {
                if (Base64.DecodeFromUtf8(text[fields.Base64Data], content, out _, out var length) != OperationStatus.Done)
                {
                    throw new PemException($"{source}: the block {label} is no base64") { MayPass = false };
                }

                read(label, content.AsSpan(0, length));
            }
            finally
            {
                // Whether it was a key is known to the reader alone.
                CryptographicOperations.ZeroMemory(content);
                ArrayPool<byte>.Shared.Return(content);
            }

            text = text[fields.Location.End..];
        }

        if (text.IndexOf("-----BEGIN"u8) >= 0)
        {
            throw new PemException($"{source}: a PEM block has begun and does not end, or holds no base64; it may be half written");
        }
    }
}
