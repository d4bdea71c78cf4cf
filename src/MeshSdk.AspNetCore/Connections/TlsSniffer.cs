using Microsoft.AspNetCore.Connections;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>Tells TLS from plaintext by the first byte of a connection, which stays there to be read.</summary>
internal static class TlsSniffer
{
    // The type of a handshake record (RFC 8446, 5.1). No method of HTTP, and no preface of HTTP/2, begins with it.
    private const byte Handshake = 22;

    /// <returns>Null where the connection ended before its first byte.</returns>
    /// <exception cref="OperationCanceledException">None has come in time.</exception>
    public static async ValueTask<bool?> IsTlsAsync(ConnectionContext connection, TimeSpan patience, TimeProvider time)
    {
        var input = connection.Transport.Input;
        if (!input.TryRead(out var result))
        {
            using var timeout = new CancellationTokenSource(patience, time);
            result = await input.ReadAsync(timeout.Token).ConfigureAwait(false);
        }

        bool? isTls = result.Buffer.IsEmpty ? null : result.Buffer.FirstSpan[0] == Handshake;
        input.AdvanceTo(result.Buffer.Start);
        return isTls;
    }
}
