using MeshSdk.Testing;

namespace CanaryDemo.Identity;

/// <summary>
/// What an agent does on a cluster: it gives every workload the certificate of its service account, and a new one in good time. The authority and all
/// keys are in memory alone, but for what <see cref="CertificateFiles"/> writes.
/// </summary>
internal sealed class Agent : IAsyncDisposable
{
    // Connections retire within a tenth of that, so that a change of certificates can be watched.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    // Early enough for a machine that has other things to do.
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(15);

    private readonly MeshCertificateAuthority _authority = new("Canary demo authority");
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Workload> _workloads = [];
    private readonly Task _renewing;

    public Agent() => _renewing = RenewAsync(_stop.Token);

    /// <summary>A workload that runs under an account of the demo's namespace, with its first certificate.</summary>
    public Workload Add(string account)
    {
        var workload = new Workload(account, Issue(account));
        lock (_lock)
        {
            _workloads.Add(workload);
        }

        return workload;
    }

    /// <summary>Gives all of them new certificates.</summary>
    /// <returns>How many there are.</returns>
    public int Rotate()
    {
        lock (_lock)
        {
            _workloads.ForEach(workload => workload.Replace(Issue(workload.Account)));
            return _workloads.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _authority.Dispose();
    }

    private MeshTestCertificate Issue(string account)
    {
        var now = DateTimeOffset.UtcNow;
        return _authority.Issue(Workload.IdOf(account), new MeshTestCertificateOptions { NotBefore = now.AddSeconds(-1), NotAfter = now + Lifetime });
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Renewal);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Rotate();
        }
    }
}
