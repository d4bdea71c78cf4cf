namespace MeshSdk.Identity.Tests.Fixtures;

/// <summary>A source that runs until the test ends.</summary>
internal sealed class RunningSource : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public RunningSource(ICertificateSource source, ICertificateSink sink) => _run = Task.Run(() => source.RunAsync(sink, _stop.Token));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _run.WaitAsync(TimeSpan.FromSeconds(60)));
        _stop.Dispose();
    }
}
