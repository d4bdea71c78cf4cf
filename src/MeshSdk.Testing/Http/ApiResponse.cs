using System.Buffers;
using System.IO.Compression;
using System.Text;
using MeshSdk.Testing.Api;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>What all answers have in common.</summary>
internal static class ApiResponse
{
    public const string Json = "application/json";

    /// <summary>Bytes; a real API server leaves shorter answers uncompressed.</summary>
    private const long CompressedFrom = 128 * 1024;

    public static async Task WriteAsync(HttpContext context, int code, ReadOnlyMemory<byte> body, string contentType = Json)
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    public static Task WriteAsync(HttpContext context, ApiException refusal)
    {
        if (refusal.Details?["retryAfterSeconds"] is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString();
        }

        return WriteAsync(context, refusal.Code, ApiStatus.Of(refusal));
    }

    /// <summary>Warnings travel in a header, one for each, so that kubectl prints them.</summary>
    public static void Warn(HttpContext context, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            var text = new StringBuilder("299 - \"");
            foreach (var character in warning)
            {
                text.Append(character is '"' or '\\' ? "\\" : "").Append(character is < ' ' or > '~' ? ' ' : character);
            }

            context.Response.Headers.Append("Warning", text.Append('"').ToString());
        }
    }

    /// <summary>Writes a body of known length piece by piece, compressed where that is asked for and worth it.</summary>
    public static async Task WriteAsync(HttpContext context, long length, IEnumerable<ReadOnlyMemory<byte>> pieces, int code = 200)
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = Json;
        response.Headers.Vary = "Accept-Encoding";
        if (length < CompressedFrom || !AcceptsGzip(context.Request))
        {
            response.ContentLength = length;
            await WritePiecesAsync(context, pieces).ConfigureAwait(false);
            return;
        }

        response.Headers.ContentEncoding = "gzip";
        var compressed = new GZipStream(response.BodyWriter.AsStream(leaveOpen: true), CompressionLevel.Fastest, leaveOpen: true);
        await using (compressed.ConfigureAwait(false))
        {
            foreach (var piece in pieces)
            {
                await compressed.WriteAsync(piece, context.RequestAborted).ConfigureAwait(false);
            }
        }
    }

    private static async Task WritePiecesAsync(HttpContext context, IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        const int FlushedAt = 64 * 1024;
        var writer = context.Response.BodyWriter;
        var unflushed = 0;
        foreach (var piece in pieces)
        {
            writer.Write(piece.Span);
            unflushed += piece.Length;
            if (unflushed >= FlushedAt)
            {
                unflushed = 0;
                await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
    }

    private static bool AcceptsGzip(HttpRequest request) => request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
}
