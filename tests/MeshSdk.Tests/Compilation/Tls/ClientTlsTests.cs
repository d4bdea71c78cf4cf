using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Compilation.Tls;

/// <summary>What a destination rule says of TLS, field by field. What cannot be kept to closes the service.</summary>
public sealed class ClientTlsTests : IDisposable
{
    private readonly MeshCertificateAuthority _authority = new();
    private readonly MeshTestCertificate _client;
    private readonly MeshTestCertificate _other;

    public ClientTlsTests()
    {
        _client = _authority.Issue("spiffe://td/ns/ns/sa/client");
        _other = _authority.Issue("spiffe://td/ns/ns/sa/other");
    }

    public static TheoryData<string, object> Contradictions => new()
    {
        { "clientCertificate", new ClientTlsSettings { Mode = "MUTUAL" } },
        { "clientCertificate", new ClientTlsSettings { Mode = "MUTUAL", PrivateKey = "/k" } },
        { "privateKey", new ClientTlsSettings { Mode = "MUTUAL", ClientCertificate = "/c" } },
        { "privateKey", new ClientTlsSettings { Mode = "MUTUAL", ClientCertificate = "/c", PrivateKey = "", CaCertificates = "/ca" } },
        { "clientCertificate", new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "s", ClientCertificate = "/c", PrivateKey = "/k" } },
        { "caCertificates", new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "s", CaCertificates = "/ca" } },
        { "caCrl", new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "s", CaCrl = "/crl" } },
        { "caCertificates", new ClientTlsSettings { Mode = "SIMPLE", InsecureSkipVerify = true, CaCertificates = "/ca" } },
        { "caCrl", new ClientTlsSettings { Mode = "SIMPLE", InsecureSkipVerify = true, CaCrl = "/crl" } },
        { "subjectAltNames", new ClientTlsSettings { Mode = "SIMPLE", InsecureSkipVerify = true, SubjectAltNames = ["a"] } },
        { "credentialName", new ClientTlsSettings { Mode = "SIMPLE", InsecureSkipVerify = true, CredentialName = "s" } },
        { "subjectAltNames", new ClientTlsSettings { Mode = "MUTUAL", InsecureSkipVerify = true, SubjectAltNames = ["a"], ClientCertificate = "/c", PrivateKey = "/k" } },
        { "credentialName", new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "gone" } },
        { "credentialName", new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "gone" } },
        { "credentialName", new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "configmap://roots" } },
        { "credentialName", new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "kubernetes-gateway://ns/s" } },
        { "credentialName", new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "configmap://gone" } },
        { "credentialName", new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "configmap://broken" } },
        { "credentialName", new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "configmap://empty" } },
        { "credentialName", new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "leaf-only" } },
        { "credentialName", new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "leaf-only" } },
        { "credentialName", new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "no-key" } },
        { "credentialName", new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "mixed-up" } },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void What_cannot_be_kept_to_closes_the_service_and_names_its_field(string field, object settings)
    {
        var service = Given.Snapshot([.. Mesh(), TlsObjects.Rule((ClientTlsSettings)settings)]).Service("a");
        Assert.NotNull(service.Clusters[0].Tls!.Fault);
        Assert.Equal("DestinationRule ns/r", service.Clusters[0].Tls!.Source);
        Assert.NotEqual(TlsMode.None, service.Clusters[0].Endpoints[0].Tls);
        Assert.Equal($"Error UnsupportedValue spec.trafficPolicy.tls.{field}", Assert.Single(service.Diagnostics.Codes()));
        Assert.DoesNotContain(_client.KeyPem, string.Join('\n', service.Diagnostics), StringComparison.Ordinal);
    }

    [Fact]
    public void Simple_verifies_by_what_the_process_trusts_anyway_and_the_name_that_was_dialled()
    {
        var tls = Read(new() { Mode = "SIMPLE" });
        Assert.Equal((TlsMode.Simple, null, TlsTrust.System, null, false), (tls.Mode, tls.ServerName, tls.Trust, tls.Credential, tls.SkipsVerification));
        Assert.True(tls.DnsNames.IsEmpty && tls.Uris.IsEmpty);
        Assert.Equal(TlsTrust.System, Read(new() { Mode = "SIMPLE", CaCertificates = "system" }).Trust);
    }

    [Fact]
    public void Names_are_uris_where_they_look_like_one()
    {
        var tls = Read(new() { Mode = "SIMPLE", Sni = "sni.example", SubjectAltNames = ["b.example", "spiffe://td/x", "https://a/b", "a.example", ""] });
        Assert.Equal("sni.example", tls.ServerName);
        Assert.Equal(["a.example", "b.example"], tls.DnsNames);
        Assert.Equal(["https://a/b", "spiffe://td/x"], tls.Uris);
    }

    [Fact]
    public void Files_are_named_and_not_read()
    {
        var tls = Read(new() { Mode = "MUTUAL", ClientCertificate = "/c", PrivateKey = "/k", CaCertificates = "/ca", CaCrl = "/crl" });
        Assert.Equal(new TlsTrust { Kind = TlsTrustKind.Given, AuthoritiesFile = "/ca", RevocationsFile = "/crl" }, tls.Trust);
        Assert.Equal(new TlsCredential { CertificateFile = "/c", KeyFile = "/k" }, tls.Credential);
        Assert.Equal(TlsMode.Mutual, tls.Mode);
        Assert.Equal(new TlsTrust { Kind = TlsTrustKind.System, RevocationsFile = "/crl" }, Read(new() { Mode = "SIMPLE", CaCrl = "/crl" }).Trust);
    }

    [Fact]
    public void Verification_is_skipped_where_that_is_asked_for()
    {
        Assert.True(Read(new() { Mode = "SIMPLE", InsecureSkipVerify = true }).SkipsVerification);
        Assert.True(Read(new() { Mode = "MUTUAL", InsecureSkipVerify = true, CredentialName = "client" }).SkipsVerification);
        Assert.False(Read(new() { Mode = "SIMPLE", InsecureSkipVerify = false }).SkipsVerification);
    }

    [Theory]
    [InlineData("client")]
    [InlineData("kubernetes://client")]
    [InlineData("client-of-istio")]
    public void A_secret_holds_the_certificate_its_key_and_the_authorities(string name)
    {
        var tls = Read(new() { Mode = "MUTUAL", CredentialName = name });
        Assert.Equal(new TlsCredential { Certificate = _client.ChainPem, Key = new SecretText(_client.KeyPem) }, tls.Credential);
        Assert.Equal(new TlsTrust { Kind = TlsTrustKind.Given, Authorities = _authority.RootPem }, tls.Trust);
    }

    [Theory]
    [InlineData("SIMPLE", "client")]
    [InlineData("SIMPLE", "configmap://roots")]
    [InlineData("SIMPLE", "roots-only")]
    [InlineData("MUTUAL", "split")]
    public void Authorities_are_in_a_secret_of_their_own_or_in_the_same_one_or_in_a_config_map(string mode, string name)
    {
        var tls = Read(new() { Mode = mode, CredentialName = name });
        Assert.Equal(_authority.RootPem, tls.Trust.Authorities);
        Assert.Equal(mode == "MUTUAL", tls.Credential is not null);
    }

    [Fact]
    public void A_list_of_revoked_certificates_comes_with_the_authorities() =>
        Assert.Equal("a list", Read(new() { Mode = "SIMPLE", CredentialName = "with-list" }).Trust.Revocations);

    [Fact]
    public void Objects_are_those_of_the_namespace_of_the_caller()
    {
        Resource[] mesh = [.. Mesh(), TlsObjects.Rule(new ClientTlsSettings { Mode = "SIMPLE", CredentialName = "configmap://roots" }, name: "r")];
        Assert.NotNull(Given.SnapshotFor("other", mesh).Cluster("a").Tls!.Fault);
        Assert.Null(Given.SnapshotFor("other", [.. mesh, TlsObjects.ConfigMap("other/roots", _authority.RootPem)]).Cluster("a").Tls!.Fault);
    }

    [Fact]
    public void An_object_that_cannot_be_read_is_no_missing_one()
    {
        var store = Given.Store([.. Mesh(), TlsObjects.Rule(new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "gone" })]);
        var compiler = Given.Compiler();
        compiler.Apply(store, [new("Secret", "ns", "gone", "grant get on secrets")]);
        Assert.Equal("Secret ns/gone cannot be read: grant get on secrets", compiler.Compile(store).Cluster("a").Tls!.Fault);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("mixed up")]
    [InlineData("")]
    public void What_is_no_good_leaves_the_last_good_one_in_force_until_the_object_is_gone(string what)
    {
        var store = Given.Store([.. Mesh(), TlsObjects.Rule(new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "client" })]);
        var compiler = Given.Compiler();
        var good = compiler.Compile(store);
        Assert.Null(good.Cluster("a").Tls!.Fault);

        var bad = what switch
        {
            "mixed up" => TlsObjects.Secret("client", new() { TlsCrt = _client.ChainPem, TlsKey = new(_other.KeyPem), CaCrt = "garbage" }),
            _ => TlsObjects.Secret("client", new() { TlsCrt = what, TlsKey = new(what), CaCrt = what }),
        };
        var kept = compiler.Recompile(good, store, store.Apply([bad], []));
        Assert.Equal(good.Cluster("a").Tls, kept.Cluster("a").Tls);
        Assert.Equal(Enumerable.Repeat("Error UnsupportedValue spec.trafficPolicy.tls.credentialName", 2), kept.Service("a").Diagnostics.Codes());
        Assert.All(kept.Service("a").Diagnostics, static d => Assert.EndsWith("its last good version is used until that is mended", d.Message, StringComparison.Ordinal));

        var key = new ResourceKey("Secret", "ns", "client");
        var gone = compiler.Recompile(kept, store, store.Apply([], [key]));
        Assert.Equal("there is no Secret ns/client", gone.Cluster("a").Tls!.Fault);
        Assert.NotNull(compiler.Recompile(gone, store, store.Apply([bad], [])).Cluster("a").Tls!.Fault);
    }

    [Fact]
    public void Each_part_that_is_good_counts_at_once()
    {
        var store = Given.Store([.. Mesh(), TlsObjects.Rule(new ClientTlsSettings { Mode = "MUTUAL", CredentialName = "client" })]);
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        var next = TlsObjects.Secret("client", new() { TlsCrt = _other.ChainPem, TlsKey = new(_other.KeyPem), CaCrt = "garbage" });
        var tls = compiler.Recompile(snapshot, store, store.Apply([next], [])).Cluster("a").Tls!;
        Assert.Equal((_other.ChainPem, _authority.RootPem), (tls.Credential!.Certificate, tls.Trust.Authorities));
    }

    [Theory]
    [InlineData("ISTIO_MUTUAL", "clientCertificate privateKey caCertificates credentialName caCrl insecureSkipVerify")]
    [InlineData("SIMPLE", "clientCertificate")]
    public void Fields_that_mean_nothing_beside_the_mode_are_told(string mode, string fields)
    {
        var all = mode == "SIMPLE"
            ? new ClientTlsSettings { Mode = mode, ClientCertificate = "/c", PrivateKey = "/k" }
            : new ClientTlsSettings { Mode = mode, ClientCertificate = "/c", PrivateKey = "/k", CaCertificates = "/ca", CredentialName = "s", CaCrl = "/crl", InsecureSkipVerify = true };
        var service = Given.Snapshot([.. Mesh(), TlsObjects.Rule(all)]).Service("a");
        Assert.Equal(fields.Split(' ').Select(static field => $"Warning Ignored spec.trafficPolicy.tls.{field}"), service.Diagnostics.Codes().Where(static c => c.Contains("Ignored")));
        Assert.Equal((null, false), (service.Clusters[0].Tls!.Fault, service.Clusters[0].Tls!.SkipsVerification));
        Assert.Null(service.Clusters[0].Tls!.Credential);
    }

    [Theory]
    [InlineData("ISTIO_MUTUAL", null, "Istio")]
    [InlineData("SIMPLE", null, "None")]
    [InlineData("MUTUAL", null, "None")]
    [InlineData("DISABLE", null, "None")]
    [InlineData("SIMPLE", "DISABLE", "None")]
    [InlineData("DISABLE", "SIMPLE", "Simple")]
    [InlineData("DISABLE", "ISTIO_MUTUAL", "Istio")]
    public void An_entry_for_the_port_replaces_the_settings_but_for_the_mode_of_the_mesh(string general, string? entry, string expected)
    {
        var rule = TlsObjects.Rule(
            new ClientTlsSettings { Mode = general, Sni = "general", SubjectAltNames = ["spiffe://general/x"] }, ports: TlsObjects.Port(80, entry is null ? null : new() { Mode = entry, Sni = "entry" }));
        var cluster = Given.Snapshot([.. Mesh(), rule]).Cluster("a");
        Assert.Equal(expected, cluster.Endpoints[0].Tls.ToString());
        Assert.NotEqual("general", cluster.Tls?.ServerName);
        Assert.DoesNotContain("spiffe://general/x", cluster.Endpoints[0].SubjectAltNames);
        Assert.Equal(entry is null or "DISABLE" ? null : "entry", cluster.Tls?.ServerName is "entry" ? "entry" : null);
    }

    [Theory]
    [InlineData("DISABLE", "Simple")]
    [InlineData("ISTIO_MUTUAL", "Simple")]
    [InlineData("SIMPLE", "Simple")]
    [InlineData("NONSENSE", "Mutual")]
    public void What_is_left_of_the_general_mode_is_less_than_what_the_owner_of_the_service_asks_for(string general, string expected)
    {
        var policy = Given.TlsPolicy("p", "a.example", Given.Target("a"));
        policy = policy with { Spec = policy.Spec with { Validation = policy.Spec.Validation with { WellKnownCACertificates = "System" } } };
        var rule = TlsObjects.Rule(new ClientTlsSettings { Mode = general }, ports: TlsObjects.Port(80));
        var cluster = TlsObjects.Compile(TlsObjects.WithIdentity, [.. Mesh(), TlsObjects.MeshPod("a-1", "10.0.0.1"), rule, policy]).Cluster("a");
        Assert.Equal(expected, cluster.Tls!.Mode.ToString());
        Assert.Equal(expected == "Simple", cluster.Tls.Fault is null);
    }

    [Theory]
    [InlineData("SIMPLE")]
    [InlineData("MUTUAL")]
    public void Where_an_entry_drops_TLS_of_another_kind_the_mesh_decides(string general)
    {
        var rule = TlsObjects.Rule(new ClientTlsSettings { Mode = general }, ports: TlsObjects.Port(80));
        var endpoint = TlsObjects.Compile(TlsObjects.WithIdentity, [.. Mesh(), TlsObjects.MeshPod("a-1", "10.0.0.1"), rule]).Cluster("a").Endpoints[0];
        Assert.Equal(TlsMode.Istio, endpoint.Tls);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _client.Certificate.Dispose();
        _other.Certificate.Dispose();
    }

    private ClusterTls Read(ClientTlsSettings settings)
    {
        var service = Given.Snapshot([.. Mesh(), TlsObjects.Rule(settings)]).Service("a");
        Assert.Null(service.Clusters[0].Tls!.Fault);
        Assert.Empty(service.Diagnostics);
        return service.Clusters[0].Tls!;
    }

    private Resource[] Mesh() =>
    [
        Given.Service("a"), Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1")),
        TlsObjects.Secret("client", new() { TlsCrt = _client.ChainPem, TlsKey = new(_client.KeyPem), CaCrt = _authority.RootPem }),
        TlsObjects.Secret("client-of-istio", new() { Cert = _client.ChainPem, Key = new(_client.KeyPem), CaCert = _authority.RootPem }),
        TlsObjects.Secret("roots-only-cacert", new() { CaCrt = _authority.RootPem }),
        TlsObjects.Secret("split", new() { TlsCrt = _client.ChainPem, TlsKey = new(_client.KeyPem) }), TlsObjects.Secret("split-cacert", new() { CaCert = _authority.RootPem }),
        TlsObjects.Secret("with-list", new() { CaCrt = _authority.RootPem, CaCrl = "a list" }),
        TlsObjects.Secret("leaf-only", new() { TlsCrt = _client.ChainPem, TlsKey = new(_client.KeyPem) }),
        TlsObjects.Secret("no-key", new() { TlsCrt = _client.ChainPem, CaCrt = _authority.RootPem }),
        TlsObjects.Secret("mixed-up", new() { TlsCrt = _client.ChainPem, TlsKey = new(_other.KeyPem), CaCrt = _authority.RootPem }),
        TlsObjects.ConfigMap("roots", _authority.RootPem), TlsObjects.ConfigMap("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        TlsObjects.ConfigMap("empty", null),
    ];
}
