namespace MeshSdk.Identity.Istiod;

/// <summary>Five tries one after the other where the next moment may be better, 100 ms apart, then 200, 400 and 800, each by up to a tenth more or less.</summary>
internal sealed class IssuanceRetries(Issuance issuance, TimeProvider time, Random random)
{
    private const int Tries = 5;
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <exception cref="IssuanceException">There is no certificate: how the last try ended.</exception>
    public async Task<IssuedCertificate> RequestAsync(CancellationToken cancellationToken)
    {
        for (var retry = 0; ; retry++)
        {
            try
            {
                return await issuance.RequestAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (IssuanceException exception) when (exception.Kind == IssuanceFailure.Transient && retry < Tries - 1)
            {
                var pause = First * (1 << retry) * (0.9 + (0.2 * random.NextDouble()));
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
