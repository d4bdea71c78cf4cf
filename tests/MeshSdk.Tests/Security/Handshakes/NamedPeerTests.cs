using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>SIMPLE and MUTUAL: servers with names, by the word of given authorities or of the machine's.</summary>
public sealed class NamedPeerTests : IDisposable
{
    private static readonly TlsServerOptions Open = new() { RequiresCertificate = false };

    private readonly Authorities _authorities = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-policy-");

    public void Dispose()
    {
        _authorities.Dispose();
        _directory.Delete(recursive: true);
    }

    // certificate; sni; subjectAltNames (DNS, URI); words of the refusal, empty: it is accepted. The name that is dialled is backend.example.
    [Theory]
    [InlineData("backend.example", null, "", "", "")]
    [InlineData("*.example", null, "", "", "")]
    [InlineData("BACKEND.example", null, "", "", "")]
    [InlineData("other.example", null, "", "", "expected: backend.example")]
    [InlineData("*.backend.example", null, "", "", "expected: backend.example")]
    [InlineData("*.b.example", "a.b.example", "", "", "")]
    [InlineData("*.example", "a.b.example", "", "", "expected: a.b.example")]
    [InlineData("sni.example", "sni.example", "", "", "")]
    [InlineData("backend.example", "sni.example", "", "", "expected: sni.example")]
    [InlineData("a.example", "sni.example", "a.example", "", "")]
    [InlineData("sni.example", "sni.example", "a.example", "", "expected: a.example")]
    [InlineData("a.example", null, "b.example,a.example", "", "")]
    [InlineData("a.example;spiffe://td/x", null, "", "spiffe://td/x", "")]
    [InlineData("a.example;spiffe://td/x", null, "", "spiffe://td/y", "expected: spiffe://td/y")]
    [InlineData("backend.example;spiffe://td/x", null, "b.example", "spiffe://td/x", "")]
    [InlineData("backend.example", null, "", "spiffe://td/x", "expected: spiffe://td/x")]
    [InlineData("backend.example", null, "not a name", "", "expected: not a name")]
    public async Task A_name_has_to_fit(string certificate, string? serverName, string dnsNames, string uris, string refused)
    {
        var names = certificate.Split(';');
        await using var server = await TlsServer.StartAsync(
            _authorities.Root.Issue(null, new MeshTestCertificateOptions { DnsNames = [names[0]], Uris = names[1..] }), Open);
        var tls = Tls(new ClusterTls
        {
            Source = "BackendTLSPolicy shop/backend",
            ServerName = serverName,
            DnsNames = Set(dnsNames),
            Uris = Set(uris),
            Trust = Given(_authorities.Root.RootPem),
        });

        await JudgedAsync(server, tls, refused);
    }

    [Fact]
    public async Task The_authorities_of_the_machine_do_not_count_where_others_are_given()
    {
        await using var server = await TlsServer.StartAsync(_authorities.Root.Issue(null, new() { DnsNames = ["backend.example"] }), Open);

        await JudgedAsync(server, Tls(Simple with { Trust = Given(_authorities.Foreign.RootPem) }), "trusted: 'CN=Foreign'");
        await JudgedAsync(server, Tls(Simple), "trusted: what this machine trusts");
    }

    [Fact]
    public async Task Anybody_is_accepted_where_somebody_asks_for_that()
    {
        await using var server = await TlsServer.StartAsync(
            _authorities.Foreign.Issue(null, new() { DnsNames = ["other.example"], NotBefore = DateTimeOffset.UnixEpoch, NotAfter = DateTimeOffset.UnixEpoch.AddDays(1) }), Open);

        await JudgedAsync(server, Tls(Simple with { SkipsVerification = true }), "");
    }

    [Theory]
    [InlineData("an authority", "")]
    [InlineData("a client's certificate", "lacks serverAuth")]
    [InlineData("expired", "expired at")]
    public async Task What_it_shows_has_to_be_for_servers(string what, string refused)
    {
        var now = TimeProvider.System.GetUtcNow();
        var options = what switch
        {
            // What `openssl req -x509` makes, and people give to servers.
            "an authority" => new MeshTestCertificateOptions { IsAuthority = true },
            "expired" => new MeshTestCertificateOptions { NotBefore = now.AddDays(-2), NotAfter = now.AddDays(-1) },
            _ => new MeshTestCertificateOptions { EnhancedKeyUsages = ["1.3.6.1.5.5.7.3.2"] },
        };
        await using var server = await TlsServer.StartAsync(_authorities.Root.Issue(null, options with { DnsNames = ["backend.example"] }), Open);

        await JudgedAsync(server, Tls(Simple with { Trust = Given(_authorities.Root.RootPem) }), refused);
    }

    [Theory]
    [InlineData(true, true, "is revoked")]
    [InlineData(true, false, "is revoked")]
    [InlineData(false, true, "")]
    public async Task Revoked_certificates_are_refused(bool isRevoked, bool fromFile, string refused)
    {
        var peer = _authorities.Root.Issue(null, new() { DnsNames = ["backend.example"] });
        await using var server = await TlsServer.StartAsync(peer, Open);
        var list = _authorities.Root.Revoke(isRevoked ? peer : _authorities.Root.Issue(Handshake.Backend));
        var trust = Given(_authorities.Root.RootPem) with { Revocations = fromFile ? null : list, RevocationsFile = fromFile ? Write("crl.pem", list) : null };

        await JudgedAsync(server, Tls(Simple with { Trust = trust }), refused);
    }

    [Fact]
    public async Task Every_authority_of_a_chain_needs_a_list_where_a_policy_names_lists()
    {
        await using var server = await TlsServer.StartAsync(_authorities.Intermediate.Issue(null, new() { DnsNames = ["backend.example"] }), Open);
        var root = _authorities.Root.Revoke();
        var both = root + "\n" + _authorities.Intermediate.Revoke();

        await JudgedAsync(server, Tls(Simple with { Trust = Given(_authorities.Root.RootPem) with { Revocations = root } }), "there is no revocation list of 'CN=Intermediate'");
        await JudgedAsync(server, Tls(Simple with { Trust = Given(_authorities.Root.RootPem) with { Revocations = both } }), "");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mutual_shows_what_the_policy_names(bool fromFiles)
    {
        var own = _authorities.Intermediate.Issue("spiffe://td/own");
        await using var server = await TlsServer.StartAsync(
            _authorities.Root.Issue(null, new() { DnsNames = ["backend.example"] }), new TlsServerOptions { Roots = _authorities.Root.RootPem });
        var credential = fromFiles
            ? new TlsCredential { CertificateFile = Write("tls.crt", own.ChainPem), KeyFile = Write("tls.key", own.KeyPem) }
            : new TlsCredential { Certificate = own.ChainPem, Key = new SecretText(own.KeyPem) };

        await JudgedAsync(server, Tls(Simple with { Mode = TlsMode.Mutual, Trust = Given(_authorities.Root.RootPem), Credential = credential }), "");

        await Eventually.HoldsAsync(() => !server.Clients.IsEmpty, "the server has judged the client");
        var client = Assert.Single(server.Clients);
        Assert.Equal(("spiffe://td/own", 1), (client.Identity, client.Sent));
    }

    [Fact]
    public async Task Nothing_is_sent_where_files_cannot_be_read()
    {
        await using var server = await TlsServer.StartAsync(_authorities.Root.Issue(null, new() { DnsNames = ["backend.example"] }), Open);
        var own = _authorities.Root.Issue("spiffe://td/own");
        var other = _authorities.Root.Issue("spiffe://td/own");
        var missing = Path.Combine(_directory.FullName, "missing.pem");
        var given = Given(_authorities.Root.RootPem);
        ClusterTls[] policies =
        [
            Simple with { Trust = new TlsTrust { Kind = TlsTrustKind.Given, AuthoritiesFile = missing } },
            Simple with { Trust = new TlsTrust { Kind = TlsTrustKind.Given, AuthoritiesFile = Write("missing.pem.txt", "no certificate") } },
            Simple with { Trust = new TlsTrust { Kind = TlsTrustKind.Given } },
            Simple with { Trust = Given("no certificate") },
            Simple with { Trust = TlsTrust.Mesh },
            Simple with { Trust = given with { RevocationsFile = missing } },
            Simple with { Trust = given with { Revocations = "no list" } },
            Simple with { Trust = given, Credential = new TlsCredential { CertificateFile = missing, KeyFile = missing } },
            Simple with { Trust = given, Credential = new TlsCredential { CertificateFile = Write("a.crt", own.ChainPem), KeyFile = Write("a.key", other.KeyPem) } },
            Simple with { Trust = given, Credential = new TlsCredential { Certificate = own.ChainPem, Key = new SecretText(other.KeyPem) } },
            Simple with { Trust = given, Credential = new TlsCredential { Certificate = own.ChainPem } },
            Simple with { Fault = "the Secret shop/backend is not there" },
        ];

        Assert.All(policies, policy =>
        {
            var error = Assert.ThrowsAsync<IdentityUnavailableException>(
                () => new Handshake(identity: null).DialAsync(server.EndPoint, Tls(policy), dialledName: "backend.example")).GetAwaiter().GetResult();
            Assert.DoesNotContain("PRIVATE", error.ToString(), StringComparison.Ordinal);
        });
        Assert.Empty(server.Clients);
    }

    private static ClusterTls Simple => new() { Source = "BackendTLSPolicy shop/backend" };

    private static TlsTrust Given(string pem) => new() { Kind = TlsTrustKind.Given, Authorities = pem };

    private static EndpointTls Tls(ClusterTls tls) => new(tls, []);

    private static NameSet Set(string names) => NameSet.Create(names.Split(',', StringSplitOptions.RemoveEmptyEntries));

    private static async Task JudgedAsync(TlsServer server, EndpointTls tls, string refused)
    {
        var caller = new Handshake(identity: null);
        if (refused.Length == 0)
        {
            await using var connection = await caller.DialAsync(server.EndPoint, tls, dialledName: "backend.example");
            return;
        }

        var refusal = await Handshake.RefusedAsync(() => caller.DialAsync(server.EndPoint, tls, dialledName: "backend.example"));
        Assert.Contains(refused, refusal.Message, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
