using System.Security.Cryptography.X509Certificates;
using MeshSdk.Identity.Certificates;

namespace MeshSdk.Identity.Istiod;

/// <summary>
/// The identity that istiod issues to the service account of this process, renewed near half of its life. The certificate before stays in force until there is a
/// new one that works, and the file of the authorities is followed meanwhile.
/// </summary>
internal sealed class IstiodSource(IstiodSettings settings, TimeProvider time, Random random) : ICertificateSource
{
    public string Name => $"istiod at {RemoteText.Clean(settings.Address)}";

    public async Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var retries = new IssuanceRetries(new Issuance(settings, time), time, random);
        var schedule = new RenewalSchedule(random);
        IssuedCertificate? held = null;
        while (true)
        {
            TimeSpan pause;
            try
            {
                var issued = await retries.RequestAsync(cancellationToken).ConfigureAwait(false);
                Publish(sink, issued);
                held = issued;
                pause = schedule.AfterSuccess(issued);
            }
            catch (IssuanceException exception)
            {
                sink.Failed(exception);
                pause = schedule.AfterFailure(exception.Kind, LeftOf(held));
            }

            held = await WaitAsync(sink, held, schedule, time.GetUtcNow() + pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until it is time for the next attempt. Roots that change come into force at once, and bring that time forward.</summary>
    private async Task<IssuedCertificate?> WaitAsync(
        ICertificateSink sink, IssuedCertificate? held, RenewalSchedule schedule, DateTimeOffset due, CancellationToken cancellationToken)
    {
        while (due - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(WholeMilliseconds(left < settings.RootInterval ? left : settings.RootInterval), time, cancellationToken).ConfigureAwait(false);
            if (held is null || NewRoots(held) is not { } roots)
            {
                continue;
            }

            held = held.With(roots);
            try
            {
                Publish(sink, held);
            }
            catch (IssuanceException exception)
            {
                sink.Failed(exception);
            }

            var soon = time.GetUtcNow() + schedule.AfterNewRoots();
            due = soon < due ? soon : due;
        }

        return held;
    }

    private IReadOnlyList<X509Certificate2>? NewRoots(IssuedCertificate held)
    {
        try
        {
            var roots = RootFile.Read(settings.RootFile);
            return roots.ToHashSet(SameBytes.Comparer).SetEquals(held.Known) ? null : roots;
        }
        catch (IssuanceException)
        {
            // Perhaps it is being written. If it stays like that, the next attempt meets it and says so.
            return null;
        }
    }

    // A delay takes whole milliseconds and drops the rest, without which the last fraction of one would be spun away.
    private static TimeSpan WholeMilliseconds(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds));

    private TimeSpan? LeftOf(IssuedCertificate? held) =>
        held is not null && new DateTimeOffset(held.Leaf.NotAfter) - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : null;

    private static void Publish(ICertificateSink sink, IssuedCertificate issued)
    {
        try
        {
            sink.Publish(issued.ToIdentity());
        }
        catch (ArgumentException exception)
        {
            throw new IssuanceException(IssuanceFailure.Refused, $"the certificate that istiod issued cannot be used: {exception.Message}");
        }
    }
}
