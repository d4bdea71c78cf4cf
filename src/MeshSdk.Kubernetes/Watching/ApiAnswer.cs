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

        var status = await StatusAsync(response, cancellationToken).ConfigureAwait(false);
        throw new ApiFaultException(verb, response.StatusCode, status)
        {
            RetryAfter = RetryAfter(response, time) ?? status?.RetryAfter,
        };
    }

    /// <summary>The body, unpacked.</summary>
    public static async ValueTask<Stream> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return response.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    private static async ValueTask<ApiStatus?> StatusAsync(HttpResponseMessage response, CancellationToken cancellationToken)
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

                return ApiStatus.TryRead(window.Unread.ToArray());
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or InvalidDataException)
        {
            // The status line says enough to act upon.
            return null;
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow() is var delay && delay > TimeSpan.Zero ? delay : TimeSpan.Zero,
        _ => null,
    };
}
