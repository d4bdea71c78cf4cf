using MeshSdk.Runtime;
using MeshSdk.Security.Sources;
using MeshSdk.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Tests.Runtime;

public sealed class IdentityDetectionTests : IDisposable
{
    private const string Id = "spiffe://cluster.local/ns/shop/sa/cart";

    private readonly string _root = Directory.CreateTempSubdirectory("mesh-").FullName;
    private readonly Dictionary<string, string> _variables = [];
    private readonly MeshOptions _options = new();
    private readonly List<ICertificateSourceDetector> _detectors = [];
    private ICertificateSource? _service;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>What there is, each with a blank between, and what of it counts.</summary>
    public static TheoryData<string, string, string> Orders => new()
    {
        { "", "", "none is configured, there are no PEM files in" },
        { "option-source files-gke option-files service files-certs bootstrap detector spiffe ca", "option", "Mesh:Identity:Source is set" },
        { "option-files service files-gke bootstrap detector spiffe ca", "the PEM file ROOT/a", "Mesh:Identity:CertificateFile is set" },
        { "option-directory service files-gke bootstrap detector spiffe ca", "PEM files in ROOT/own", "Mesh:Identity:Directory is set" },
        { "service files-gke files-certs bootstrap detector spiffe ca", "service", "it is registered as a service" },
        { "files-gke files-certs files-istio files-csi bootstrap detector spiffe ca", "PEM files in ROOT/gke", "its files are there" },
        { "files-certs files-istio files-csi bootstrap detector spiffe ca", "PEM files in ROOT/certs", "its files are there" },
        { "files-istio files-csi bootstrap detector spiffe ca", "PEM files in ROOT/istio", "its files are there" },
        { "files-csi bootstrap detector spiffe ca", "PEM files in ROOT/csi", "its files are there" },
        { "late-gke files-istio", "PEM files in ROOT/istio", "its files are there" },
        { "late-gke bootstrap detector spiffe ca", "the files that ROOT/bootstrap.json (GRPC_XDS_BOOTSTRAP) names", "GRPC_XDS_BOOTSTRAP is set" },
        { "late-gke bootstrap-missing", "the files that ROOT/bootstrap.json (GRPC_XDS_BOOTSTRAP) names", "GRPC_XDS_BOOTSTRAP is set" },
        { "bootstrap-broken spiffe", "the files that ROOT/bootstrap.json (GRPC_XDS_BOOTSTRAP) names", "GRPC_XDS_BOOTSTRAP is set" },
        { "bootstrap-simple", "", "none is configured" },
        { "bootstrap-simple spiffe", "the SPIFFE Workload API (SPIFFE_ENDPOINT_SOCKET)", "SPIFFE_ENDPOINT_SOCKET is set" },
        { "late-gke detector spiffe ca", "detected", "Found has found it" },
        { "detector-option detector", "detected by option", "Found has found it" },
        { "detector-silent spiffe ca", "the SPIFFE Workload API (SPIFFE_ENDPOINT_SOCKET)", "SPIFFE_ENDPOINT_SOCKET is set" },
        { "detector-broken", "what Found looks for", "Found has failed" },
        { "ca", "a certificate authority (CA_ADDR)", "CA_ADDR is set" },
        { "late-gke late-istio", "PEM files in ROOT/gke or ROOT/istio", "the files are yet to come" },
        { "late-certs", "PEM files in ROOT/certs", "the files are yet to come" },
        { "partial-certs", "PEM files in ROOT/certs", "the files are yet to come" },
        { "foreign-certs", "", "none is configured" },
        { "application-certs", "", "none is configured" },
        { "application-certs application-csi", "PEM files in ROOT/csi", "its files are there" },
        { "foreign-gke", "PEM files in ROOT/gke", "the files are yet to come" },
        { "nodetect files-gke bootstrap detector spiffe ca late-csi", "", "none may be looked for (Mesh:Identity:Detect)" },
        { "nodetect service", "service", "it is registered as a service" },
        { "off option-source service files-gke spiffe", "", "security is off (Mesh:Security)" },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public void The_first_that_is_meant_counts(string given, string source, string reason)
    {
        foreach (var one in given.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Give(one);
        }

        var finding = Find();
        Assert.Equal(source.Replace("ROOT", _root, StringComparison.Ordinal), finding.Source?.Name ?? "");
        Assert.Contains(reason, finding.Reason, StringComparison.Ordinal);
        Assert.Equal(source.Length > 0, finding.HasSource);
        Assert.Equal(finding.HasSource && source is not ("option" or "service"), finding.IsOwned);
    }

    [Theory]
    [InlineData("spiffe", "add the package MeshSdk.Identity and AddMesh(m => m.UseWorkloadIdentity())")]
    [InlineData("ca", "add the package MeshSdk.Identity")]
    [InlineData("detector-broken", "no idea")]
    public async Task What_is_meant_and_cannot_be_used_fails_and_says_why(string given, string problem)
    {
        Give(given);
        var sink = new Security.RecordingCertificateSink();
        using var stop = new CancellationTokenSource();
        var run = Find().Source!.RunAsync(sink, stop.Token);
        Assert.Contains(problem, Assert.Single(sink.Failures), StringComparison.Ordinal);
        Assert.False(run.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public void An_empty_variable_is_one_that_is_not_set()
    {
        _variables["CA_ADDR"] = "";
        _variables["GRPC_XDS_BOOTSTRAP"] = "";
        Assert.False(Find().HasSource);
    }

    [Fact]
    public void Relative_paths_begin_at_the_content_root()
    {
        var environment = new MeshEnvironment(new MeshOptions { Identity = { Directory = "own" } }) { ContentRoot = _root };
        Assert.Equal($"PEM files in {Path.Combine(_root, "own")}", environment.FindIdentity().Source?.Name);
    }

    [Fact]
    public void What_compiles_knows_whether_there_is_an_identity()
    {
        Assert.True(MeshEnvironment.CompilerOptionsOf(new MeshOptions { Identity = { Directory = _root } }).HasIdentity);
        Assert.False(MeshEnvironment.CompilerOptionsOf(new MeshOptions { Identity = { Detect = false } }).HasIdentity);
        Assert.False(MeshEnvironment.CompilerOptionsOf(new MeshOptions { Identity = { Directory = _root }, Security = MeshSecurity.Off }).HasIdentity);
        Assert.Equal(MeshAutoMtls.Require, MeshEnvironment.CompilerOptionsOf(new MeshOptions { AutoMtls = MeshAutoMtls.Require }).AutoMtls);
    }

    private IdentityFinding Find() => new IdentityDetection(
        _options, new CertificateSourceContext(_variables.GetValueOrDefault, TimeProvider.System, NullLoggerFactory.Instance))
    {
        Service = _service,
        Detectors = _detectors,
        Places = [new(In("gke")), PemPlace.Shared(In("certs")), new(In("istio")), new(In("csi"))],
    }.Find();

    private string In(string name) => Path.Combine(_root, name);

    private void Give(string what)
    {
        switch (what.Split('-'))
        {
            case ["option", "source"]: _options.Identity.Source = new Named("option"); break;
            case ["option", "directory"]: _options.Identity.Directory = In("own"); break;
            case ["option", "files"]:
                (_options.Identity.CertificateFile, _options.Identity.PrivateKeyFile, _options.Identity.TrustBundleFile) = (In("a"), In("b"), In("c"));
                break;
            case ["service"]: _service = new Named("service"); break;
            case ["files", var place]:
                using (var authority = new MeshCertificateAuthority())
                {
                    authority.Issue(Id).WriteTo(In(place));
                }

                break;
            case ["late", var place]: Directory.CreateDirectory(In(place)); break;
            case ["partial", var place]: Write(Path.Combine(place, "key.pem"), ""); break;
            case ["application", var place]:
                Array.ForEach(["tls.crt", "tls.key", "ca.crt"], name => Write(Path.Combine(place, name), ""));
                break;
            case ["foreign", var place]: Write(Path.Combine(place, "README"), ""); break;
            case ["bootstrap", .. var kind]:
                _variables["GRPC_XDS_BOOTSTRAP"] = In("bootstrap.json");
                if (kind is not ["missing"])
                {
                    Write("bootstrap.json", kind is ["broken"] ? "{" : kind is ["simple"] ? "{}" : """{"certificate_providers":{"default":{"plugin_name":"file_watcher"}}}""");
                }

                break;
            case ["detector", "option"]: _options.Identity.AddDetector(new Found(static () => new Named("detected by option"))); break;
            case ["detector", "silent"]: _detectors.Add(new Found(static () => null)); break;
            case ["detector", "broken"]: _detectors.Add(new Found(static () => throw new InvalidOperationException("no idea"))); break;
            case ["detector"]: _detectors.Add(new Found(static () => new Named("detected"))); break;
            case ["spiffe"]: _variables["SPIFFE_ENDPOINT_SOCKET"] = "unix:///run/spire/agent.sock"; break;
            case ["ca"]: _variables["CA_ADDR"] = "istiod.istio-system.svc:15012"; break;
            case ["nodetect"]: _options.Identity.Detect = false; break;
            case ["off"]: _options.Security = MeshSecurity.Off; break;
            default: throw new ArgumentException(what, nameof(what));
        }
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllText(In(name), text);
    }

    private sealed class Named(string name) : ICertificateSource
    {
        public string Name => name;

        public Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Found(Func<ICertificateSource?> find) : ICertificateSourceDetector
    {
        public ICertificateSource? Detect(CertificateSourceContext context) => find();
    }
}
