using System.IO.Compression;
using MeshSdk.Kubernetes.Wire;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>Tells good answers from others.</summary>
internal static class ApiAnswer
{
    private const int LongestStatus = 256 * 1024;

    /// <exception cref="ApiFaultException">The status is not 200; the exception says what the server says of it.</exception>
    public static async ValueTask EnsureAsync(HttpResponseMessage response, string verb, TimeProvider time, CancellationToken cancellationToken)
    {
        if (response.StatusCode == System.Net.HttpStatusCode.OK)
        {
            return;
        }

        var (status, isServers) = await StatusAsync(response, cancellationToken).ConfigureAwait(false);
        throw new ApiFaultException(verb, response.StatusCode, status)
        {
            RetryAfter = RetryAfter(response, time) ?? status?.RetryAfter,
            IsServers = isServers,
        };
    }

    /// <summary>The body, unpacked.</summary>
    public static async ValueTask<Stream> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return response.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    /// <summary>What the body says, and whether it may be an API server's: a Status, or plain text, which it has for paths that it does not know.</summary>
    private static async ValueTask<(ApiStatus? Status, bool IsServers)> StatusAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await BodyAsync(response, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                using var window = new ByteWindow(stream, LongestStatus);
                while (await window.FillAsync(cancellationToken).ConfigureAwait(false))
                {
                }

                var body = window.Unread.ToArray();
                var status = ApiStatus.TryRead(body);
                return (status, status is not null || IsPlain(response, body));
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or InvalidDataException)
        {
            // The status line says enough to act upon.
            return (null, false);
        }
    }

    private static bool IsPlain(HttpResponseMessage response, ReadOnlySpan<byte> body) =>
        response.Content.Headers.ContentType?.MediaType != "text/html" && (body.TrimStart(" \t\r\n"u8) is not [(byte)'<' or (byte)'{' or (byte)'[', ..]);

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow() is var delay && delay > TimeSpan.Zero ? delay : TimeSpan.Zero,
        _ => null,
    };
}
