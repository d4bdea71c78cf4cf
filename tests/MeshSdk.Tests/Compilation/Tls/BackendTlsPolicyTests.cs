using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Compilation.Tls;

/// <summary>
/// What a BackendTLSPolicy comes to, with the cases of the Gateway API's own conformance tests, whose names stand at each: <c>BackendTLSPolicy</c>,
/// <c>…SANValidation</c>, <c>…ConflictResolution</c>, <c>…InvalidCACertificateRef</c>, <c>…InvalidKind</c>.
/// </summary>
public sealed class BackendTlsPolicyTests : IDisposable
{
    private readonly MeshCertificateAuthority _one = new("one");
    private readonly MeshCertificateAuthority _two = new("two");

    [Fact]
    public void Every_config_map_that_it_names_is_trusted_and_nothing_else()
    {
        // BackendTLSPolicy.
        var tls = Read(Policy("ConfigMap/one", "ConfigMap/two"), out var diagnostics);
        Assert.Equal((TlsMode.Simple, "a.example", TlsTrustKind.Given, null), (tls.Mode, tls.ServerName, tls.Trust.Kind, tls.Fault));
        Assert.Contains(_one.RootPem, tls.Trust.Authorities, StringComparison.Ordinal);
        Assert.Contains(_two.RootPem, tls.Trust.Authorities, StringComparison.Ordinal);
        Assert.Equal("BackendTLSPolicy ns/p", tls.Source);
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void Names_that_it_lists_are_verified_and_the_host_is_only_sent()
    {
        // BackendTLSPolicySANValidation.
        var policy = Policy("ConfigMap/one");
        policy = policy with
        {
            Spec = policy.Spec with
            {
                Validation = policy.Spec.Validation with
                {
                    SubjectAltNames = [new() { Type = "Hostname", Hostname = "b.example" }, new() { Type = "URI", Uri = "spiffe://td/x" }, new() { Type = "Hostname", Hostname = "c.example" }],
                },
            },
        };
        var tls = Read(policy, out _);
        Assert.Equal("a.example", tls.ServerName);
        Assert.Equal(["b.example", "c.example"], tls.DnsNames);
        Assert.Equal(["spiffe://td/x"], tls.Uris);
    }

    public static TheoryData<string, string> Bad => new()
    {
        // The reference; the codes, Gateway API's reasons for ResolvedRefs and Accepted.
        { "ConfigMap/gone", "InvalidCACertificateRef" },
        { "ConfigMap/empty", "InvalidCACertificateRef" },
        { "ConfigMap/broken", "InvalidCACertificateRef" },
        { "ConfigMap/other-key", "InvalidCACertificateRef" },
        { "Secret/one", "InvalidKind" },
        { "Nonsense/one", "InvalidKind" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_reference_that_is_no_good_is_told_and_closes_the_service_where_it_is_the_only_one(string reference, string code)
    {
        // BackendTLSPolicyInvalidCACertificateRef, BackendTLSPolicyInvalidKind.
        var tls = Read(Policy(reference), out var diagnostics);
        Assert.NotNull(tls.Fault);
        Assert.Equal(
            [$"Error {code} spec.validation.caCertificateRefs[0]", "Error NoValidCACertificate spec.validation"], diagnostics);

        var together = Read(Policy(reference, "ConfigMap/one"), out diagnostics);
        Assert.Equal((null, _one.RootPem), (together.Fault, together.Trust.Authorities));
        Assert.Equal([$"Error {code} spec.validation.caCertificateRefs[0]"], diagnostics);
    }

    [Fact]
    public void A_config_map_that_cannot_be_read_is_no_missing_one()
    {
        var store = Given.Store([.. Mesh, Policy("ConfigMap/gone")]);
        var compiler = Given.Compiler();
        var dirty = compiler.Apply(store, [new("ConfigMap", "ns", "gone", "grant get on configmaps")]);
        Assert.Contains(Given.Id("a"), dirty);
        var service = compiler.Compile(store).Service("a");
        Assert.EndsWith("ConfigMap ns/gone cannot be read: grant get on configmaps", service.Clusters[0].Tls!.Fault, StringComparison.Ordinal);
        Assert.Equal(["Error PolicyUnknown spec.validation.caCertificateRefs[0]"], service.Diagnostics.Codes());
    }

    [Fact]
    public void A_config_map_that_breaks_closes_the_service_and_opens_it_when_it_is_mended()
    {
        var store = Given.Store([.. Mesh, Policy("ConfigMap/one")]);
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        Assert.Null(snapshot.Cluster("a").Tls!.Fault);
        var before = snapshot.Cluster("a");

        snapshot = compiler.Recompile(snapshot, store, store.Apply([TlsObjects.ConfigMap("one", "nonsense")], []));
        Assert.NotNull(snapshot.Cluster("a").Tls!.Fault);
        snapshot = compiler.Recompile(snapshot, store, store.Apply([TlsObjects.ConfigMap("one", _one.RootPem)], []));
        Assert.Equal(before.Tls, snapshot.Cluster("a").Tls);
        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [new("ConfigMap", "ns", "one")]));
        Assert.NotNull(snapshot.Cluster("a").Tls!.Fault);
    }

    [Theory]
    [InlineData("http", "one whole")]
    [InlineData("admin", "whole one")]
    public void One_for_a_port_counts_there_and_one_for_the_service_everywhere_else(string section, string expected)
    {
        // BackendTLSPolicyConflictResolution.
        var whole = Policy("ConfigMap/one") with { Metadata = new ObjectMeta { Namespace = "ns", Name = "whole" } };
        var port = Policy("ConfigMap/one") with { Metadata = new ObjectMeta { Namespace = "ns", Name = "one" } };
        port = port.CreatedAt(9) with { Spec = port.Spec with { TargetRefs = [Given.Target("a", section)] } };
        var service = Given.Snapshot([.. Mesh.Where(static o => o is not Service), Given.Service("a", "http:80", "admin:81"), whole, port]).Service("a");
        Assert.Equal(expected, string.Join(' ', service.Clusters.Select(static cluster => cluster.Tls!.Source.Split('/')[1])));
        Assert.Empty(service.Diagnostics);
    }

    [Fact]
    public void It_comes_before_what_the_mesh_decides_and_after_a_rule_that_states_a_mode()
    {
        Resource[] mesh = [.. Mesh, Policy("ConfigMap/one"), TlsObjects.MeshPod("a-1", "10.0.0.1")];
        Assert.Equal(TlsMode.Simple, TlsObjects.Compile(TlsObjects.WithIdentity, mesh).Cluster("a").Endpoints[0].Tls);
        Assert.Equal(TlsMode.Simple, TlsObjects.Compile(TlsObjects.WithIdentity, [.. mesh, TlsObjects.Peers("n", "DISABLE")]).Cluster("a").Endpoints[0].Tls);
        Assert.Equal(TlsMode.Istio, TlsObjects.Compile(TlsObjects.WithIdentity, [.. mesh, TlsObjects.Rule("ISTIO_MUTUAL")]).Cluster("a").Endpoints[0].Tls);
        Assert.Equal(TlsMode.None, TlsObjects.Compile(TlsObjects.WithIdentity, [.. mesh, TlsObjects.Rule("DISABLE")]).Cluster("a").Endpoints[0].Tls);
    }

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
    }

    private Resource[] Mesh =>
    [
        Given.Service("a"), Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1")),
        TlsObjects.ConfigMap("one", _one.RootPem), TlsObjects.ConfigMap("two", _two.RootPem), TlsObjects.ConfigMap("empty", ""),
        TlsObjects.ConfigMap("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        TlsObjects.ConfigMap("other-key", null) with { Data = new CertificateData { CaCert = _one.RootPem } },
    ];

    private ClusterTls Read(BackendTlsPolicy policy, out IEnumerable<string> diagnostics)
    {
        var service = Given.Snapshot([.. Mesh, policy]).Service("a");
        diagnostics = service.Diagnostics.Codes();
        Assert.Equal(TlsMode.Simple, service.Clusters[0].Endpoints[0].Tls);
        return service.Clusters[0].Tls!;
    }

    private static BackendTlsPolicy Policy(params string[] references)
    {
        var policy = Given.TlsPolicy("p", "a.example", Given.Target("a"));
        return policy with
        {
            Spec = policy.Spec with
            {
                Validation = new BackendTlsValidation
                {
                    Hostname = "a.example",
                    CaCertificateRefs = [.. references.Select(static text => text.Split('/')).Select(static parts => new CertificateReference { Kind = parts[0], Name = parts[1] })],
                },
            },
        };
    }
}
