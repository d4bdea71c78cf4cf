namespace MeshSdk.Http.Bodies;

// The caller's side: what its content writes to.
internal sealed partial class RelayedContent
{
    private const string CallIsOver = "The call has ended, and takes no more.";
    private const int LeastGrowth = 1024;

    /// <returns>False where the caller has to write to the connection itself, when it is its turn.</returns>
    private bool TryKeep(ReadOnlySpan<byte> bytes)
    {
        TaskCompletionSource? news;
        bool isKept;
        lock (_gate)
        {
            if (_isFull || _isCommitted || _isLetGo)
            {
                return false;
            }

            isKept = bytes.Length <= KeptTotal.MostOfOne - _length && _total.TryAdd(bytes.Length);
            if (isKept)
            {
                Append(bytes);
            }
            else
            {
                _isFull = true;
                if (_state == AttemptState.Over)
                {
                    // Nothing comes after an attempt of which not all was kept.
                    LetGo();
                }
            }

            news = TakeNews();
        }

        news?.TrySetResult();
        return isKept;
    }

    private bool TryFlush()
    {
        TaskCompletionSource? news;
        lock (_gate)
        {
            if (_isFull || _isCommitted || _isLetGo)
            {
                return false;
            }

            _flushes++;
            news = TakeNews();
        }

        news?.TrySetResult();
        return true;
    }

    // The first message is all there is of most calls. An attempt may be reading the array that was used before: it stays as it is.
    private void Append(ReadOnlySpan<byte> bytes)
    {
        var needed = _length + bytes.Length;
        if (_bytes is null)
        {
            _bytes = new byte[needed];
        }
        else if (_bytes.Length < needed)
        {
            Array.Resize(ref _bytes, Math.Max(needed, Math.Max(2 * _bytes.Length, LeastGrowth)));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = needed;
    }

    // What a write to the connection itself ends with where the call does. A gRPC channel takes nothing else for the end of the call, and tells its status.
    private static OperationCanceledException IsOver() => new(CallIsOver);

    private Task<Stream> TurnAsync()
    {
        lock (_gate)
        {
            return _live is { } live ? Task.FromResult(live)
                : _isLetGo ? Task.FromException<Stream>(IsOver())
                : (_handOver ??= new TaskCompletionSource<Stream>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private async ValueTask WriteInTurnAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var live = await TurnAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await live.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    private async Task FlushInTurnAsync(CancellationToken cancellationToken)
    {
        var live = await TurnAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await live.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed class CallerStream(RelayedContent content) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            content._live is { } live ? live.WriteAsync(buffer, cancellationToken)
            : content.TryKeep(buffer.Span) ? default
            : content.WriteInTurnAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) =>
            content._live is { } live ? live.FlushAsync(cancellationToken)
            : content.TryFlush() ? Task.CompletedTask
            : content.FlushInTurnAsync(cancellationToken);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (content._live is not null || !content.TryKeep(buffer))
            {
                content.TurnAsync().GetAwaiter().GetResult().Write(buffer);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
            if (content._live is not null || !content.TryFlush())
            {
                content.TurnAsync().GetAwaiter().GetResult().Flush();
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
