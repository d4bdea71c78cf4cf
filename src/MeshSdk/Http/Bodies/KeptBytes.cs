using System.Buffers;

namespace MeshSdk.Http.Bodies;

/// <summary>The bytes of a body, as long as they are few enough to be kept.</summary>
/// <param name="tooMany">Called once when there are too many, before the rest of them come.</param>
internal sealed class KeptBytes(Action? tooMany = null)
{
    /// <summary>The most that is kept of one body: what Linkerd keeps too.</summary>
    public const int Most = 64 * 1024;

    private ArrayBufferWriter<byte>? _buffer = new();

    /// <summary>False once there were too many; what was kept is let go then.</summary>
    public bool IsKept => _buffer is not null;

    public ReadOnlyMemory<byte> Bytes => _buffer?.WrittenMemory ?? default;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_buffer is null)
        {
            return;
        }

        if (_buffer.WrittenCount + bytes.Length > Most)
        {
            _buffer = null;
            tooMany?.Invoke();
            return;
        }

        _buffer.Write(bytes);
    }
}
