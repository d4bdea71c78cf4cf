using MeshSdk.Benchmarks.Shared;
using MeshSdk.LoadTest.Backend;
using MeshSdk.Testing;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>A mesh of one member that calls and of some pods of another that is called, whose certificates are in files as an agent keeps them.</summary>
internal sealed class LoadMembers : IDisposable
{
    public const string CallerId = "spiffe://cluster.local/ns/default/sa/caller";

    private const int Ports = 8;

    private readonly MeshCertificateAuthority _authority = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-load-");

    private readonly SessionTickets _tickets;

    /// <param name="tickets">What the servers let callers come back with.</param>
    public LoadMembers(SessionTickets tickets)
    {
        _tickets = tickets;
        Renew(null);
    }

    /// <summary>Where the caller's certificate is.</summary>
    public string Caller => Path.Combine(_directory.FullName, "caller");

    /// <summary>The caller's certificate.</summary>
    public MeshTestCertificate CallerCertificate { get; private set; } = null!;

    public string RootPem => _authority.RootPem;

    private string Called => Path.Combine(_directory.FullName, "called");

    public Task<BackendProcess> StartBackendAsync() => BackendProcess.StartSecuredAsync(Ports, Called, _tickets);

    public Task<GrpcBackend> StartGrpcAsync() => GrpcBackend.StartAsync(Called);

    /// <summary>All of them get new certificates.</summary>
    /// <param name="lifetime">From now on; null: a day, and a little of the past.</param>
    public void Renew(TimeSpan? lifetime)
    {
        var options = lifetime is { } life
            ? new MeshTestCertificateOptions { NotBefore = DateTimeOffset.UtcNow, NotAfter = DateTimeOffset.UtcNow + life }
            : null;
        CallerCertificate = _authority.Issue(CallerId, options);
        CallerCertificate.WriteTo(Caller);
        for (var i = 0; i < (_tickets == SessionTickets.OfEachPort ? Ports : 1); i++)
        {
            _authority.Issue(CanaryManifests.Identity, options).WriteTo(Path.Combine(Called, SecuredServer.DirectoryOf(i)));
        }
    }

    public void Dispose()
    {
        _directory.Delete(recursive: true);
        _authority.Dispose();
    }
}
