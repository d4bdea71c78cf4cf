using System.IO.Pipelines;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>Tells TLS from plaintext by the first byte of a connection, which stays there to be read.</summary>
internal static class TlsSniffer
{
    // The type of a handshake record (RFC 8446, 5.1). No method of HTTP, and no preface of HTTP/2, begins with it.
    private const byte Handshake = 22;

    /// <returns>Null where the connection ended before its first byte, or was given up.</returns>
    public static async ValueTask<bool?> IsTlsAsync(PipeReader input)
    {
        ReadResult result;
        try
        {
            // No token: a registration for each silent connection is what an attacker would pay for with our memory.
            if (!input.TryRead(out result))
            {
                result = await input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It was reset. That is how scans of ports end, and no error of anybody's here.
            return null;
        }

        bool? isTls = result.Buffer.IsEmpty || result.IsCanceled ? null : result.Buffer.FirstSpan[0] == Handshake;
        input.AdvanceTo(result.Buffer.Start);
        return isTls;
    }
}
