using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>A connection on which what is sent is exactly what the test says.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp = new();
    private Stream _stream = Stream.Null;

    public static async Task<RawConnection> OpenAsync(MeshHost host, MeshTestCertificate? certificate = null, string? alpn = null)
    {
        var connection = new RawConnection();
        await connection._tcp.ConnectAsync(host.EndPoint);
        connection._stream = connection._tcp.GetStream();
        if (certificate is not null)
        {
            var tls = new SslStream(connection._stream);
            connection._stream = tls;
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "backend",
                ClientCertificates = [certificate.Certificate],
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
                ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
            });
        }

        return connection;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes);
        await _stream.FlushAsync();
    }

    /// <summary>Reads a response of HTTP/1.1: its head, and a body of the length that it states.</summary>
    public async Task<(string Head, string Body)> ReadResponseAsync(bool hasBody = true)
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(1))[0]);
        }

        var length = head.ToString().Split("\r\n").FirstOrDefault(static line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))?[16..];
        return (head.ToString(), hasBody && length is not null ? Encoding.ASCII.GetString(await ReadAsync(int.Parse(length, null))) : "");
    }

    /// <summary>Sends one request of HTTP/2, and reads the body of its response.</summary>
    public async Task<string> AskHttp2Async(params (string Name, string Value)[] headers)
    {
        var block = new List<byte>();
        foreach (var (name, value) in headers)
        {
            // Literals, neither indexed nor compressed (RFC 7541, 6.2.2).
            block.AddRange([0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]);
        }

        await SendAsync((byte[])
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
            0, 0, 0, 4, 0, 0, 0, 0, 0,
            0, (byte)(block.Count >> 8), (byte)block.Count, 1, 5, 0, 0, 0, 1,
            .. block,
        ]);
        var body = new StringBuilder();
        while (true)
        {
            var head = await ReadAsync(9);
            var payload = await ReadAsync((head[0] << 16) | (head[1] << 8) | head[2]);
            var (type, isLast) = (head[3], (head[4] & 1) != 0 && head[8] == 1);
            body.Append(type switch
            {
                0 => Encoding.ASCII.GetString(payload),
                3 => "reset",
                7 => "goaway",
                _ => "",
            });
            if (type is 3 or 7 || (isLast && type is 0 or 1))
            {
                return body.ToString();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, patience.Token);
        return bytes;
    }
}
