using System.Net;
using System.Net.Http.Headers;

namespace MeshSdk.Http.Mirroring;

/// <summary>The body of a mirrored request: its headers are known at once, its bytes when the request itself has been sent.</summary>
internal sealed class MirrorContent : HttpContent
{
    private byte[] _bytes = [];

    public MirrorContent(HttpContentHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            // The length of what is mirrored is the one to tell.
            if (!string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
            }
        }
    }

    public void Fill(byte[] bytes) => _bytes = bytes;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_bytes).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = _bytes.Length;
        return true;
    }
}
