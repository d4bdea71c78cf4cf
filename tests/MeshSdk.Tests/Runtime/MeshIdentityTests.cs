using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Tests.Runtime;

public sealed class MeshIdentityTests : IDisposable
{
    private const string Id = "spiffe://cluster.local/ns/shop/sa/cart";

    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    private readonly MeshCertificateAuthority _authority = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-").FullName;

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task The_source_runs_from_the_start_of_the_mesh_to_its_end()
    {
        var source = new Watched();
        await using var mesh = new MeshUnderTest(new MeshOptions { Identity = { Source = source } });
        Assert.Equal(0, source.Runs);
        mesh.Source.Sync(Backend);
        await mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => source.Runs == 1);
        Assert.Contains("from watched: Mesh:Identity:Source is set.", Assert.Single(mesh.Logged("IdentitySource")), StringComparison.Ordinal);
        Assert.False(source.IsEnded);

        await mesh.Mesh.DisposeAsync();
        Assert.True(source.IsEnded);
        Assert.False(source.IsDisposed, "it is the application's");
    }

    [Fact]
    public async Task What_was_detected_is_the_meshs_own_and_goes_with_it()
    {
        var source = new Watched();
        var options = new MeshOptions();
        options.Identity.AddDetector(new Found(source));
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend, options);
        await Eventually.HoldsAsync(() => source.Runs == 1);
        await mesh.Mesh.DisposeAsync();
        Assert.True(source.IsEnded);
        Assert.True(source.IsDisposed);
    }

    [Fact]
    public async Task A_mesh_that_never_starts_runs_no_source_and_disposes_of_its_own()
    {
        var source = new Watched();
        var options = new MeshOptions();
        options.Identity.AddDetector(new Found(source));
        await using var mesh = new MeshUnderTest(options);
        await mesh.Mesh.DisposeAsync();
        Assert.Equal(0, source.Runs);
        Assert.True(source.IsDisposed);
    }

    [Fact]
    public async Task The_present_identity_and_its_changes_are_there_for_servers()
    {
        var (first, second) = (Issue(), Issue());
        var source = new InMemoryCertificateSource();
        await using var mesh = new MeshUnderTest(new MeshOptions { Identity = { Source = source } });
        var seen = new ConcurrentQueue<MeshIdentity?>();
        mesh.Mesh.IdentityChanged += (sender, _) => seen.Enqueue(((Mesh)sender!).Identity);
        mesh.Source.Sync(Backend);
        await mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        Assert.Null(mesh.Mesh.Identity);
        source.Update(first);
        await Eventually.HoldsAsync(() => seen.Count == 1);
        source.Update(second);
        await Eventually.HoldsAsync(() => seen.Count == 2);
        Assert.Equal([first, second], seen);
        Assert.Same(second, mesh.Mesh.Identity);

        mesh.Time.SetUtcNow(new DateTimeOffset(second.Certificate.NotAfter.ToUniversalTime()));
        Assert.Null(mesh.Mesh.Identity);
    }

    [Fact]
    public async Task A_source_that_throws_is_run_again()
    {
        var source = new Watched { Throws = true };
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend, new MeshOptions { Identity = { Source = source } });
        await Eventually.HoldsAsync(() =>
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            return source.Runs >= 3;
        });
        Assert.Contains("broken", Assert.Single(mesh.Logged("IdentityFailing")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_identity_the_log_says_what_was_looked_for()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend, new MeshOptions { Identity = { Detect = false } });
        Assert.Contains("none may be looked for (Mesh:Identity:Detect)", Assert.Single(mesh.Logged("NoIdentitySource")), StringComparison.Ordinal);
        Assert.True(mesh.Mesh.Runtime.Identity.Store.IsHopeless);
    }

    [Fact]
    public async Task With_security_off_nobody_looks_for_one()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(
            Backend, new MeshOptions { Security = MeshSecurity.Off, Identity = { Source = new Watched() } });
        Assert.False(mesh.Mesh.Runtime.Identity.Finding.HasSource);
        Assert.Empty(mesh.Logged("NoIdentitySource"));
        Assert.Empty(mesh.Logged("IdentitySource"));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    public async Task What_the_mesh_says_of_tls_reaches_handshakes(bool option, bool config, bool requires)
    {
        await using var mesh = await TestMesh.StartAsync(new MeshOptions { Identity = { RequireTls13 = option } });
        mesh.Runtime.Publish(
            MeshSnapshot.Empty with { Revision = 9, Mesh = new MeshSettings { RequiresTls13 = config, TrustDomain = "td.example", TrustDomainAliases = ["old.example"] } }, []);
        var settings = mesh.Runtime.Identity.Store.Mesh;
        Assert.Equal(requires, settings.RequiresTls13);
        Assert.Equal("td.example", settings.TrustDomain);
        Assert.Equal(["old.example"], settings.TrustDomainAliases);
    }

    [Fact]
    public async Task Nothing_of_a_key_is_logged_from_the_start_to_the_end_whatever_happens_to_the_files()
    {
        var log = FakeLogCollector.Create(new FakeLogCollectorOptions());
        using var loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(log)));
        var (first, second) = (_authority.Issue(Id), _authority.Issue(Id));
        first.WriteTo(_directory);
        await using (var mesh = new Mesh(
            new MeshEnvironment(new MeshOptions { Identity = { Directory = _directory } }) { Loggers = loggers }, [Ready()]))
        {
            await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
            await InForceAsync(mesh, first);
            second.WriteTo(_directory);
            await InForceAsync(mesh, second);

            // A key where certificates are to be, and half a one where it belongs.
            await File.WriteAllTextAsync(Path.Combine(_directory, "root-cert.pem"), second.KeyPem, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(_directory, "key.pem"), second.KeyPem[..^60], TestContext.Current.CancellationToken);
            await Eventually.HoldsAsync(() => mesh.Runtime.Identity.Store.Failure is not null);
        }

        var lines = log.GetSnapshot().Select(static record => record.Message + record.Exception).ToList();
        Assert.Contains(lines, line => line.Contains($"{Id} is in force: serial number {second.Certificate.SerialNumber}", StringComparison.Ordinal));
        foreach (var certificate in (MeshTestCertificate[])[first, second])
        {
            foreach (var part in certificate.KeyPem.Split('\n').Where(static line => line.Length > 20 && line[0] != '-'))
            {
                Assert.DoesNotContain(lines, line => line.Contains(part[..20], StringComparison.Ordinal));
            }
        }

        Assert.DoesNotContain(lines, static line => line.Contains("-----BEGIN", StringComparison.Ordinal));

        static Task InForceAsync(Mesh mesh, MeshTestCertificate certificate) =>
            Eventually.HoldsAsync(() => mesh.Identity?.Certificate.SerialNumber == certificate.Certificate.SerialNumber);
    }

    [Fact]
    public async Task A_service_and_detectors_that_are_services_count()
    {
        var source = new Watched();
        await using (var services = Services(static (collection, s) => collection.AddSingleton<ICertificateSource>(s), source))
        {
            Assert.Same(source, services.GetRequiredService<Mesh>().Runtime.Identity.Finding.Source);
        }

        await using (var services = Services(static (collection, s) => collection.AddSingleton<ICertificateSourceDetector>(new Found(s)), source))
        {
            var finding = services.GetRequiredService<Mesh>().Runtime.Identity.Finding;
            Assert.Same(source, finding.Source);
            Assert.True(finding.IsOwned);
        }

        Assert.True(source.IsDisposed);
    }

    private static ServiceProvider Services(Action<IServiceCollection, Watched> add, Watched source)
    {
        var collection = new ServiceCollection().AddMesh(static mesh => mesh.UseInMemory(new InMemorySource()));
        add(collection, source);
        return collection.BuildServiceProvider();
    }

    private static ScriptedSource Ready()
    {
        var source = new ScriptedSource();
        source.Sync(Backend);
        return source;
    }

    // The clock of the mesh under test stands at the beginning of the millennium.
    private MeshIdentity Issue() =>
        _authority.Issue(Id, new MeshTestCertificateOptions { NotBefore = DateTimeOffset.UnixEpoch.AddYears(29), NotAfter = DateTimeOffset.UnixEpoch.AddYears(31) }).ToIdentity();

    private sealed class Watched : ICertificateSource, IDisposable
    {
        private int _runs;

        public bool Throws { get; init; }

        public int Runs => Volatile.Read(ref _runs);

        public bool IsEnded { get; private set; }

        public bool IsDisposed { get; private set; }

        public string Name => "watched";

        public async Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _runs);
            if (Throws)
            {
                throw new InvalidOperationException("broken");
            }

            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            finally
            {
                IsEnded = true;
            }
        }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Found(ICertificateSource source) : ICertificateSourceDetector
    {
        public ICertificateSource? Detect(CertificateSourceContext context) => source;
    }
}
