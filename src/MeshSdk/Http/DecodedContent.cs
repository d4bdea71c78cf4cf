using System.Net;

namespace MeshSdk.Http;

/// <summary>A response body with its outermost coding undone, and the headers that then no longer hold left out.</summary>
internal sealed class DecodedContent : HttpContent
{
    private readonly HttpContent _encoded;
    private readonly Func<Stream, Stream> _decoder;

    public DecodedContent(HttpContent encoded, Func<Stream, Stream> decoder)
    {
        _encoded = encoded;
        _decoder = decoder;
        foreach (var (name, values) in encoded.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }

        Headers.ContentLength = null;
        var remaining = encoded.Headers.ContentEncoding.SkipLast(1).ToArray();
        Headers.ContentEncoding.Clear();
        foreach (var coding in remaining)
        {
            Headers.ContentEncoding.Add(coding);
        }
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var decoded = await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (decoded.ConfigureAwait(false))
        {
            await decoded.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var decoded = CreateContentReadStream(cancellationToken);
        decoded.CopyTo(stream);
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => _decoder(_encoded.ReadAsStream(cancellationToken));

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        _decoder(await _encoded.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _encoded.Dispose();
        }

        base.Dispose(disposing);
    }
}
