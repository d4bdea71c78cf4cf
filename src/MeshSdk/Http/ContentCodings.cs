using System.IO.Compression;
using System.Net;

namespace MeshSdk.Http;

/// <summary>The content codings that a client can have undone for it.</summary>
internal static class ContentCodings
{
    // DecompressionMethods.All has bits that no method has.
    private const DecompressionMethods Known = DecompressionMethods.GZip | DecompressionMethods.Deflate | DecompressionMethods.Brotli;

    /// <summary>The value of Accept-Encoding.</summary>
    public static string Named(DecompressionMethods methods) => (methods & Known) switch
    {
        DecompressionMethods.GZip => "gzip",
        DecompressionMethods.Deflate => "deflate",
        DecompressionMethods.Brotli => "br",
        DecompressionMethods.GZip | DecompressionMethods.Deflate => "gzip, deflate",
        DecompressionMethods.GZip | DecompressionMethods.Brotli => "gzip, br",
        DecompressionMethods.Deflate | DecompressionMethods.Brotli => "deflate, br",
        _ => "gzip, deflate, br",
    };

    /// <summary>Wraps a response whose outermost coding is one of <paramref name="methods"/>.</summary>
    public static void Decode(HttpResponseMessage response, DecompressionMethods methods)
    {
        if (response.Content.Headers.ContentEncoding.LastOrDefault() is not { } coding)
        {
            return;
        }

        Func<Stream, Stream>? decoder = coding.ToLowerInvariant() switch
        {
            "gzip" when methods.HasFlag(DecompressionMethods.GZip) => static s => new GZipStream(s, CompressionMode.Decompress),
            "deflate" when methods.HasFlag(DecompressionMethods.Deflate) => static s => new ZLibStream(s, CompressionMode.Decompress),
            "br" when methods.HasFlag(DecompressionMethods.Brotli) => static s => new BrotliStream(s, CompressionMode.Decompress),
            _ => null,
        };
        if (decoder is not null)
        {
            response.Content = new DecodedContent(response.Content, decoder);
        }
    }
}
