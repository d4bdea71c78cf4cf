using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A running mesh whose process has an identity, an authority that it believes, and servers of that authority.</summary>
internal sealed class SecureMesh : IAsyncDisposable
{
    public const string Caller = "spiffe://cluster.local/ns/test/sa/caller";

    private readonly List<TlsServer> _servers = [];
    private TestMesh? _mesh;

    public MeshCertificateAuthority Authority { get; } = new();

    public ScriptedIdentity Identity { get; } = new();

    public TestMesh Mesh => _mesh ?? throw new InvalidOperationException("not started");

    /// <summary>A server that says what it was sent, and takes none but the mesh's own.</summary>
    public async Task<TlsServer> ServeAsync(string identity = Snapshots.Identity, TlsServerOptions? options = null, string name = "one")
    {
        options ??= new TlsServerOptions { Roots = Authority.RootPem };
        var server = await TlsServer.StartAsync(
            Authority.Issue(identity), options with { Handle = options.Handle ?? (context => EchoServer.EchoAsync(name, context)) }, name);
        _servers.Add(server);
        return server;
    }

    /// <summary>Starts the mesh, whose process has a good identity at once.</summary>
    public Task<TestMesh> StartAsync(params ServiceModel[] services) => StartAsync(new MeshOptions(), Authority.Issue(Caller), services);

    /// <inheritdoc cref="StartAsync(ServiceModel[])"/>
    /// <param name="options">Of the mesh.</param>
    /// <param name="certificate">The first one; null: none for now.</param>
    /// <param name="services">In force.</param>
    public Task<TestMesh> StartAsync(MeshOptions options, MeshTestCertificate? certificate, params ServiceModel[] services) =>
        StartAsync(options, certificate, environment: null, services);

    /// <inheritdoc cref="StartAsync(MeshOptions, MeshTestCertificate, ServiceModel[])"/>
    /// <param name="environment">Around the mesh; null: as it is.</param>
    public async Task<TestMesh> StartAsync(
        MeshOptions options, MeshTestCertificate? certificate, MeshEnvironment? environment, params ServiceModel[] services)
    {
        options.Identity.Source = Identity;
        if (certificate is not null)
        {
            Identity.Publish(certificate);
        }

        _mesh = await TestMesh.StartAsync(environment ?? new MeshEnvironment(options), services);
        if (certificate is not null)
        {
            await AdoptedAsync(certificate);
        }

        return _mesh;
    }

    /// <summary>Another identity comes into force.</summary>
    public async Task RotateAsync(MeshTestCertificate certificate)
    {
        Identity.Publish(certificate);
        await AdoptedAsync(certificate);
    }

    public Task AdoptedAsync(MeshTestCertificate certificate) => Eventually.HoldsAsync(
        () => Mesh.Runtime.Identity.Store.Current?.Identity.Certificate.SerialNumber == certificate.Certificate.SerialNumber, "the identity in force");

    public async ValueTask DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        Authority.Dispose();
    }
}
