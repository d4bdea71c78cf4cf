namespace MeshSdk.Tool.Tests.Curl;

/// <summary>An output that tells when so many lines of it are written.</summary>
internal sealed class LineSignal(int lines, TaskCompletionSource signal) : MemoryStream
{
    private int _seen;

    // All other ways of writing end here where this one is overridden.
    public override void Write(byte[] buffer, int offset, int count)
    {
        base.Write(buffer, offset, count);
        _seen += buffer.AsSpan(offset, count).Count((byte)'\n');
        if (_seen >= lines)
        {
            signal.TrySetResult();
        }
    }
}
