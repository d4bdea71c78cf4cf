using System.Buffers.Binary;
using System.Text;
using MeshSdk.Security;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>The first message of a TLS connection (RFC 8446, 4.1.2), read from the bytes that went over the wire.</summary>
/// <param name="ServerName">SNI as it was written; null: none.</param>
/// <param name="Protocols">ALPN, in order.</param>
/// <param name="Versions">supported_versions, in order.</param>
/// <param name="ResumesSession">Whether a session is offered, as TLS 1.3 does (pre_shared_key).</param>
internal sealed record ClientHello(string? ServerName, string[] Protocols, ushort[] Versions, bool ResumesSession)
{
    /// <summary>What a caller sends first, to a listener that never answers.</summary>
    public static async Task<ClientHello> CaptureAsync(Handshake caller, EndpointTls tls, bool http2, string dialledName = "backend")
    {
        var message = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = RawServer.Start(async connection =>
        {
            var head = (await connection.TryReadAsync(5))!;
            Assert.Equal(22, head[0]);
            message.SetResult((await connection.TryReadAsync(BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(3))))!);
        });
        await Assert.ThrowsAnyAsync<IOException>(() => caller.DialAsync(server.EndPoint, tls, http2, dialledName));
        return Parse(await message.Task);
    }

    public static ClientHello Parse(ReadOnlySpan<byte> message)
    {
        Assert.Equal(1, message[0]);
        var rest = message[(4 + 2 + 32)..];
        Take(ref rest, 1);
        Take(ref rest, 2);
        Take(ref rest, 1);
        var extensions = Take(ref rest, 2);
        string? name = null;
        var protocols = new List<string>();
        var versions = new List<ushort>();
        var resumes = false;
        while (extensions.Length > 0)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            var value = Take(ref extensions, 2);
            switch (type)
            {
                case 0:
                    var names = Take(ref value, 2);
                    Assert.Equal(0, names[0]);
                    names = names[1..];
                    name = Encoding.ASCII.GetString(Take(ref names, 2));
                    break;
                case 16:
                    for (var list = Take(ref value, 2); list.Length > 0;)
                    {
                        protocols.Add(Encoding.ASCII.GetString(Take(ref list, 1)));
                    }

                    break;
                case 43:
                    for (var list = Take(ref value, 1); list.Length > 0; list = list[2..])
                    {
                        versions.Add(BinaryPrimitives.ReadUInt16BigEndian(list));
                    }

                    break;
                case 41:
                    resumes = true;
                    break;
            }
        }

        return new ClientHello(name, [.. protocols], [.. versions], resumes);
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int lengthBytes)
    {
        var length = 0;
        foreach (var b in rest[..lengthBytes])
        {
            length = (length << 8) | b;
        }

        var taken = rest.Slice(lengthBytes, length);
        rest = rest[(lengthBytes + length)..];
        return taken;
    }
}
