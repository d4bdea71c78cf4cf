namespace MeshSdk.Http.Timeouts;

/// <summary>A token that ends with either of two. Costs nothing where one of them never does, which is how most bodies are read.</summary>
internal readonly struct ReadLimit : IDisposable
{
    private readonly CancellationTokenSource? _either;

    private ReadLimit(CancellationTokenSource? either, CancellationToken token)
    {
        Token = token;
        _either = either;
    }

    public CancellationToken Token { get; }

    public static ReadLimit Of(CancellationToken reader, CancellationToken limit)
    {
        if (!reader.CanBeCanceled || !limit.CanBeCanceled)
        {
            return new ReadLimit(null, reader.CanBeCanceled ? reader : limit);
        }

        var either = CancellationTokenSource.CreateLinkedTokenSource(reader, limit);
        return new ReadLimit(either, either.Token);
    }

    public void Dispose() => _either?.Dispose();
}
