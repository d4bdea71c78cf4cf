using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MeshSdk.Identity.Protocol;

namespace MeshSdk.Identity.Spiffe;

/// <summary>
/// Tells whether a message says anything new of what is used of it. An agent that restarts sends all of it again, and connections need not be made anew for that.
/// A digest, and not the message itself, so that no further copy of the key is kept.
/// </summary>
internal static class MessageDigest
{
    public static byte[] Of(X509SVIDResponse message, X509SVID svid)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(svid.SpiffeId));
        Append(hash, svid.X509Svid.Span);
        Append(hash, svid.X509SvidKey.Span);
        Append(hash, svid.Bundle.Span);
        Append(hash, message.Crl.Count);
        foreach (var list in message.Crl)
        {
            Append(hash, list.Span);
        }

        // A map comes in any order.
        foreach (var (domain, bundle) in message.FederatedBundles.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            Append(hash, Encoding.UTF8.GetBytes(domain));
            Append(hash, bundle.Span);
        }

        return hash.GetHashAndReset();
    }

    // With the length before it, so that nothing can pass from the end of one part to the beginning of the next.
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Append(hash, part.Length);
        hash.AppendData(part);
    }

    private static void Append(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
