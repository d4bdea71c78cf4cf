using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Telemetry;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

/// <summary>The identity of a mesh's process from the mesh's start to its end: what is found is said, run, measured and taken down again.</summary>
internal sealed partial class IdentityLifetime : IAsyncDisposable
{
    private readonly MeshEnvironment _environment;
    private readonly IdentityMetrics _metrics;
    private readonly ILogger _log;
    private Task _running = Task.CompletedTask;

    public IdentityLifetime(MeshEnvironment environment, IdentityFinding finding)
    {
        _environment = environment;
        Finding = finding;
        _log = environment.CreateLogger<IdentityStore>();
        _metrics = new IdentityMetrics(environment.Meters);
        Store = new IdentityStore(finding.HasSource, environment.Time, environment.Options.Startup.Timeout, _log, _metrics) { Source = finding.Source?.Name ?? finding.Reason };
        _metrics.Show(() => Expiry is { } expiry ? (expiry - _environment.Time.GetUtcNow()).TotalSeconds : null);
        Apply(MeshSettings.Default);
    }

    public IdentityFinding Finding { get; }

    public IdentityStore Store { get; }

    /// <summary>When the last certificate that came expires, or has expired; null: none has come.</summary>
    public DateTimeOffset? Expiry => Store.Last is { } last ? new DateTimeOffset(last.Certificate.NotAfter.ToUniversalTime()) : null;

    /// <summary>What holds for the whole mesh comes into force for handshakes.</summary>
    public void Apply(MeshSettings mesh) =>
        Store.Mesh = mesh with { RequiresTls13 = mesh.RequiresTls13 || _environment.Options.Identity.RequireTls13 };

    /// <summary>Called once, when the mesh starts.</summary>
    /// <param name="stop">The mesh goes away.</param>
    public void Start(CancellationToken stop)
    {
        Store.Start();
        if (Finding.Source is { } source)
        {
            LogFound(source.Name, Finding.Reason);
            var run = new CertificateSourceRun(source, Store, _environment.Time, _environment.Random);
            _running = Task.Run(() => run.RunAsync(stop), CancellationToken.None);
        }
        else if (_environment.Options.Security == MeshSecurity.On)
        {
            LogNone(Finding.Reason);
        }
    }

    /// <summary>Called once, and after the token of <see cref="Start"/> was cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            // Whoever waits for an identity has waited long enough, whatever the source still does.
            Store.Dispose();
            await _running.ConfigureAwait(false);
            await Finding.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _metrics.Dispose();
        }
    }

    [LoggerMessage(10, LogLevel.Information, "This process has its identity in the mesh from {Source}: {Reason}.", EventName = "IdentitySource")]
    private partial void LogFound(string source, string reason);

    [LoggerMessage(
        11, LogLevel.Information, "This process has no identity in the mesh, so it does mutual TLS with nobody: {Reason}.", EventName = "NoIdentitySource")]
    private partial void LogNone(string reason);
}
