using MeshSdk.Runtime;
using MeshSdk.Security.Verification;

namespace MeshSdk.Tool.Identity;

/// <summary>Asks a source once for the identity that it has now.</summary>
internal static class IdentityReader
{
    // Whoever types a command is told that there is nothing yet, where an application would wait.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<CallerIdentity> ReadAsync(IdentityFinding finding, TimeProvider time, CancellationToken cancellationToken)
    {
        if (finding.Source is not { } source)
        {
            return CallerIdentity.None(finding.Reason);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answer = new FirstAnswer();
        var run = RunAsync(source, answer, stop.Token);
        await Task.WhenAny(answer.Task, Task.Delay(Patience, time, stop.Token));
        cancellationToken.ThrowIfCancellationRequested();
        await stop.CancelAsync();
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await finding.DisposeAsync();
        return answer.Identity is { } identity
            ? Describe(source, identity)
            : new CallerIdentity(source.Name, null, null, [], answer.Reason ?? $"nothing came of it within {Patience.TotalSeconds:0} s");
    }

    private static async Task RunAsync(ICertificateSource source, FirstAnswer answer, CancellationToken cancellationToken)
    {
        try
        {
            await source.RunAsync(answer, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            answer.Failed(e);
        }
    }

    private static CallerIdentity Describe(ICertificateSource source, MeshIdentity identity) => new(
        source.Name,
        CertificateNames.UriOf(identity.Certificate),
        new DateTimeOffset(identity.Certificate.NotAfter.ToUniversalTime()),
        [.. identity.Bundles.Select(static bundle => new CallerTrust(bundle.TrustDomain, bundle.Authorities.Length))],
        Problem: null);

    /// <summary>What a source says first; what it says later is for those who stay.</summary>
    private sealed class FirstAnswer : ICertificateSink
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _answered.Task;

        public MeshIdentity? Identity { get; private set; }

        public string? Reason { get; private set; }

        public void Publish(MeshIdentity identity)
        {
            if (!_answered.Task.IsCompleted)
            {
                Identity = identity;
                _answered.TrySetResult();
            }
        }

        public void Failed(Exception reason)
        {
            // One that can be had a moment later is had.
            Reason ??= reason.Message;
        }
    }
}
