using System.Net;

namespace MeshSdk.Tests.Http.Outliers;

/// <summary>A response body that begins, and then does what a test says.</summary>
internal sealed class ScriptedBody(Func<CancellationToken, Task<int>> afterwards) : Stream
{
    private bool _hasBegun;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static HttpResponseMessage Hanging(int status = 200, Version? version = null) => Response(status, version, static async stop =>
    {
        await Task.Delay(Timeout.Infinite, stop);
        return 0;
    });

    public static HttpResponseMessage Breaking(int status = 200) => Response(
        status, null, static _ => throw new HttpIOException(HttpRequestError.ResponseEnded, "broken"));

    public static HttpResponseMessage Ending(int status = 200) => Response(status, null, static _ => Task.FromResult(0));

    private static HttpResponseMessage Response(int status, Version? version, Func<CancellationToken, Task<int>> afterwards) =>
        new((HttpStatusCode)status) { Version = version ?? HttpVersion.Version11, Content = new StreamContent(new ScriptedBody(afterwards)) };

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_hasBegun)
        {
            return await afterwards(cancellationToken);
        }

        _hasBegun = true;
        buffer.Span[0] = (byte)'a';
        return 1;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
