using MeshSdk.Resilience;

namespace MeshSdk.Http.Timeouts;

/// <summary>
/// A token that ends with either of two. Costs nothing where one of them never does, which is how most bodies are read, and little elsewhere: a body may
/// be read in thousands of pieces, each with its reader's token.
/// </summary>
internal readonly struct ReadLimit : IDisposable
{
    private static readonly IdleObjects<CancellationTokenSource> Sources = new();

    private readonly CancellationTokenSource? _either;
    private readonly CancellationTokenRegistration _reader;
    private readonly CancellationTokenRegistration _limit;

    private ReadLimit(CancellationToken token) => Token = token;

    private ReadLimit(CancellationTokenSource either, CancellationToken reader, CancellationToken limit)
    {
        _either = either;
        Token = either.Token;
        _reader = reader.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), either);
        _limit = limit.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), either);
    }

    public CancellationToken Token { get; }

    public static ReadLimit Of(CancellationToken reader, CancellationToken limit) =>
        !reader.CanBeCanceled || !limit.CanBeCanceled
            ? new ReadLimit(reader.CanBeCanceled ? reader : limit)
            : new ReadLimit(Sources.TryTake(out var idle) ? idle : new CancellationTokenSource(), reader, limit);

    /// <summary>The read is over. Returns when a cancellation that is under way has come to its end, so that it cannot hit whoever comes next.</summary>
    public void Dispose()
    {
        if (_either is null)
        {
            return;
        }

        _reader.Dispose();
        _limit.Dispose();
        if (_either.TryReset())
        {
            Sources.TryAdd(_either);
        }
    }
}
