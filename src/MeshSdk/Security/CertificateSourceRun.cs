namespace MeshSdk.Security;

/// <summary>Keeps a source running for as long as the mesh does: one that throws, or ends, is called again after a while.</summary>
internal sealed class CertificateSourceRun(ICertificateSource source, IdentityStore store, TimeProvider time, Random random)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Never throws: what goes wrong is told to the store.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            var before = store.Last;
            var fault = await RunOnceAsync(cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            store.Failed(fault);
            failures = ReferenceEquals(before, store.Last) ? failures + 1 : 1;
            var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
            pause = (pause < LongestPause ? pause : LongestPause) * (0.8 + (0.4 * random.NextDouble()));
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task<Exception> RunOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await source.RunAsync(store, cancellationToken).ConfigureAwait(false);
            return new InvalidOperationException("it has ended by itself, and is called again");
        }
#pragma warning disable CA1031 // A source may be the application's own, and whatever it throws is told as what is wrong with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }
}
