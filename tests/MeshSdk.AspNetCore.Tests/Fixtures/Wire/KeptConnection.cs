using System.Globalization;
using System.Text;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Wire;

/// <summary>One connection of HTTP/1.1 that is kept, with one request after the other on it.</summary>
internal sealed class KeptConnection(Stream stream) : IAsyncDisposable
{
    private readonly StringBuilder _read = new();

    /// <summary>Sends a request, and waits for no answer.</summary>
    public async Task SendAsync(string path, string headers = "") =>
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: backend\r\n{headers}\r\n"));

    /// <summary>Reads the answer to a request that was sent.</summary>
    /// <returns>Its status, head and body; null where the connection has ended without one.</returns>
    public async Task<(int Status, string Head, string Body)?> ReceiveAsync()
    {
        int end;
        while ((end = _read.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await TryReadAsync())
            {
                return null;
            }
        }

        var head = _read.ToString(0, end);
        var length = head.Split("\r\n").First(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1];
        var (start, count) = (end + 4, int.Parse(length, CultureInfo.InvariantCulture));
        while (_read.Length < start + count)
        {
            Assert.True(await TryReadAsync(), "the connection has ended within an answer");
        }

        var body = _read.ToString(start, count);
        _read.Remove(0, start + count);
        return (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), head, body);
    }

    /// <summary>One request and its answer; null where the connection has ended without one.</summary>
    public async Task<(int Status, string Head, string Body)?> GetAsync(string path)
    {
        try
        {
            await SendAsync(path);
        }
        catch (IOException)
        {
            return null;
        }

        return await ReceiveAsync();
    }

    /// <summary>Waits until the server closes.</summary>
    public async Task EndsAsync()
    {
        while (await TryReadAsync())
        {
        }

        Assert.Equal("", _read.ToString());
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task<bool> TryReadAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var buffer = new byte[1024];
        try
        {
            var count = await stream.ReadAsync(buffer, patience.Token);
            _read.Append(Encoding.Latin1.GetString(buffer, 0, count));
            return count > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
