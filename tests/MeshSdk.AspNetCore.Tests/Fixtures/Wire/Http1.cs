using System.Globalization;
using System.Text;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Wire;

/// <summary>HTTP/1.1 as text.</summary>
internal static class Http1
{
    /// <summary>One request, after which the connection is to end.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="path">Of the request.</param>
    /// <param name="headers">More lines of its head, each ended by CR LF.</param>
    /// <exception cref="IOException">It has ended without an answer.</exception>
    public static async Task<Answer> GetAsync(Stream stream, string path = "/", string headers = "")
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n{headers}\r\n"));
        return Parse(await ReadToEndAsync(stream));
    }

    /// <exception cref="IOException">It has ended without an answer.</exception>
    public static Answer Parse(string response)
    {
        if (response.Length == 0)
        {
            throw new IOException("the connection has ended without an answer");
        }

        Assert.StartsWith("HTTP/1.1 ", response, StringComparison.Ordinal);
        var head = response.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(head > 0, $"an answer without an end: {response}");
        return Answer.Of(int.Parse(response.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture), response[(head + 4)..]);
    }

    public static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, patience.Token) is > 0 and var count)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (IOException) when (text.Length > 0)
        {
            // A server that has answered, and does not want to read the rest, may reset the connection.
        }

        return text.ToString();
    }
}
