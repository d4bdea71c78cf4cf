using System.Text;

namespace MeshSdk.Tests.Http.Bodies;

/// <summary>What one attempt writes to: it takes all, or waits in flow control, or breaks.</summary>
internal sealed class Connection : Stream
{
    private readonly Lock _gate = new();
    private readonly List<byte> _bytes = [];
    private int _flushes;
    private TaskCompletionSource? _window;
    private Exception? _error;

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return Encoding.ASCII.GetString([.. _bytes]);
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _bytes.Count;
            }
        }
    }

    public int Flushes => Volatile.Read(ref _flushes);

    /// <summary>Writes that wait until the window opens.</summary>
    public int Waiting { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public Connection Shut()
    {
        _window = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return this;
    }

    public void Open() => _window!.SetResult();

    /// <summary>Every write from now on throws this; those that wait do too.</summary>
    public Connection Break(Exception error)
    {
        _error = error;
        _window?.TrySetException(error);
        return this;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_window is { } window)
        {
            Waiting++;
            await window.Task.WaitAsync(cancellationToken);
        }

        Write(buffer.Span);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_error is not null)
        {
            throw _error;
        }

        lock (_gate)
        {
            _bytes.AddRange(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => Interlocked.Increment(ref _flushes);

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
