using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <param name="Caller">What the caller shows; null: nothing.</param>
/// <param name="Server">Who the server is, and whom it believes.</param>
internal sealed record CallerCase(MeshTestCertificate? Caller, MeshIdentity Server)
{
    /// <summary>Trust domains that the server lists.</summary>
    public string[] TrustDomains { get; init; } = [];

    /// <summary>Aliases that the mesh's configuration has for its trust domain.</summary>
    public string[] Aliases { get; init; } = [];

    public ServerSetup Setup => new()
    {
        Identity = Server,
        Options = options => options.TrustDomains = TrustDomains,
        Manifests = Aliases.Length == 0
            ? ""
            : $$"""
              apiVersion: v1
              kind: ConfigMap
              metadata: { name: istio, namespace: istio-system }
              data:
                mesh: |
                  trustDomainAliases: [{{string.Join(", ", Aliases)}}]
              """,
    };
}

/// <summary>The tables of which callers are refused, with words of the refusal in the log, and of which are listened to.</summary>
internal static class CallerCases
{
    public const string Id = "spiffe://cluster.local/ns/web/sa/client";
    private const string Partner = "spiffe://partner.example/ns/web/sa/client";
    private const string Former = "spiffe://former.local/ns/web/sa/client";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public static IReadOnlyDictionary<string, (string[] Words, Func<Authorities, CallerCase> Make)> Refused { get; } = new Dictionary<string, (string[], Func<Authorities, CallerCase>)>
    {
        ["no certificate"] = (["shows no certificate"], static a => a.Case(null)),
        ["another trust domain"] = (
            [$"it is {Partner}", "callers are taken from the trust domains cluster.local alone"],
            static a => a.Case(a.Root.Issue(Partner))),
        ["a trust domain that begins like ours"] = (
            ["it is spiffe://cluster.local.evil/ns/web/sa/client"],
            static a => a.Case(a.Root.Issue("spiffe://cluster.local.evil/ns/web/sa/client"))),
        ["no URI that is a SPIFFE ID"] = (
            ["holds https://cluster.local/ns/web/sa/client, which is no SPIFFE ID"],
            static a => a.Case(a.Root.Issue("https://cluster.local/ns/web/sa/client"))),
        ["a SPIFFE ID with a query"] = (["which is no SPIFFE ID"], static a => a.Case(a.Root.Issue(Id + "?admin"))),
        ["the wrong CA"] = (["no trusted authority vouches", "CN=Foreign"], static a => a.Case(a.Foreign.Issue(Id))),
        ["a CA of the same name"] = (["is not that of the authority that it names, 'CN=Root'"], static a => a.Case(a.Namesake.Issue(Id))),
        ["self-signed"] = (["no trusted authority vouches"], static a => a.Case(a.SelfSigned(Id))),
        ["expired"] = (["expired at", "and it is"], static a => a.Case(a.Root.Issue(Id, new() { NotBefore = Now.AddHours(-2), NotAfter = Now.AddHours(-1) }))),
        ["not yet valid"] = (["is not valid yet", "and it is"], static a => a.Case(a.Root.Issue(Id, new() { NotBefore = Now.AddHours(1), NotAfter = Now.AddHours(2) }))),
        ["no SAN"] = (["holds no name", "exactly one URI"], static a => a.Case(a.Root.Issue(null, new() { Subject = "CN=client" }))),
        ["DNS-only SAN"] = (
            ["only DNS names (client.web.svc.cluster.local)", "exactly one URI"],
            static a => a.Case(a.Root.Issue(null, new() { DnsNames = ["client.web.svc.cluster.local"] }))),
        ["two URI SANs"] = ([Id, "sa/other", "exactly one URI"], static a => a.Case(a.Root.Issue(Id, new() { Uris = ["spiffe://cluster.local/ns/web/sa/other"] }))),
        ["the same URI SAN twice"] = (["exactly one URI"], static a => a.Case(a.Root.Issue(Id, new() { Uris = [Id] }))),
        ["an authority as leaf"] = (["is one of an authority (basic constraints say CA)"], static a => a.Case(a.Root.Issue(Id, new() { IsAuthority = true }))),
        ["server EKU alone"] = (["not for clients", "clientAuth"], static a => a.Case(a.Root.Issue(Id, new() { EnhancedKeyUsages = [ServerUse] }))),
        ["an intermediate that is not sent"] = (["no trusted authority vouches", "CN=Intermediate"], static a => a.Case(Bare(a.Intermediate.Issue(Id)))),
        ["root removed from the bundle"] = (["no trusted authority vouches", "CN=Root"], static a => a.Case(a.Root.Issue(Id), a.Server(a.Foreign))),
        ["revoked by CRL"] = (
            ["is revoked", "CN=Root"],
            static a =>
            {
                var caller = a.Root.Issue(Id);
                return a.Case(caller, a.Server(a.Root, a.Root.Revoke(caller)));
            }),
        ["under an intermediate that is revoked"] = (["is revoked", "CN=Intermediate"], static a => a.Case(a.Intermediate.Issue(Id), a.Server(a.Root, a.CrlOf(a.Intermediate)))),
        ["a CRL that is out of date"] = (["put a newer one in its place"], static a => a.Case(a.Root.Issue(Id), a.Server(a.Root, a.CrlOf(a.Foreign, ended: true)))),
        ["a bundle with an intermediate alone that has expired"] = (["its certificate 'CN=Lower'", "expired at"], static a => a.Under(Now.AddYears(-6))),
        ["a listed domain without a bundle"] = (
            ["is no authority of the trust domain partner.example"],
            static a => a.Case(a.Root.Issue(Partner)) with { TrustDomains = ["partner.example"] }),
        ["a federated domain that is not listed"] = (
            [$"no trusted authority vouches"],
            static a => a.Case(a.Federated.Issue(Partner), a.FederatedServer())),
        ["a federated CA forging our domain"] = (
            ["is no authority of the trust domain cluster.local"],
            static a => a.Case(a.Federated.Issue(Id), a.FederatedServer()) with { TrustDomains = ["partner.example"] }),
        ["our CA forging a federated domain"] = (
            ["is no authority of the trust domain partner.example"],
            static a => a.Case(a.Root.Issue(Partner), a.FederatedServer()) with { TrustDomains = ["partner.example"] }),
        ["a federated CA forging an alias"] = (
            ["is no authority of the trust domain former.local"],
            static a => a.Case(a.Federated.Issue(Former), a.FederatedServer()) with { TrustDomains = ["partner.example"], Aliases = ["former.local"] }),
        ["trust domain alias missing"] = ([$"it is {Former}"], static a => a.Case(a.Root.Issue(Former))),
        ["a URI that is longer than anybody reads"] = (["which is no SPIFFE ID", "..."], static a => a.Case(a.Root.Issue("spiffe://cluster.local/" + new string('a', 5000)))),
    };

    public static IReadOnlyDictionary<string, Func<Authorities, CallerCase>> Accepted { get; } = new Dictionary<string, Func<Authorities, CallerCase>>
    {
        ["own trust domain"] = static a => a.Case(a.Root.Issue(Id)),
        ["an intermediate that is sent"] = static a => a.Case(a.Intermediate.Issue(Id)),
        ["a bundle with the intermediate alone"] = static a => a.Case(Bare(a.Intermediate.Issue(Id)), a.Server(a.Intermediate)),
        ["two roots of one name"] = static a => a.Case(a.Root.Issue(Id), a.Server(a.Namesake.RootPem + "\n" + a.Root.RootPem)),
        ["client EKU alone"] = static a => a.Case(a.Root.Issue(Id, new() { EnhancedKeyUsages = [ClientUse] })),
        ["no EKU"] = static a => a.Case(a.Root.Issue(Id, new() { EnhancedKeyUsages = [] })),
        ["RSA"] = static a => a.Case(a.Root.Issue(Id, new() { Rsa = true })),
        ["DNS names beside the URI"] = static a => a.Case(a.Root.Issue(Id, new() { DnsNames = ["client.web.svc"] })),
        ["a subject beside the URI"] = static a => a.Case(a.Root.Issue(Id, new() { Subject = "CN=client, O=Shop" })),
        ["an alias"] = static a => a.Case(a.Root.Issue(Former)) with { Aliases = ["former.local"] },
        ["a listed domain under its own CA"] = static a => a.Case(a.Federated.Issue(Partner), a.FederatedServer()) with { TrustDomains = ["partner.example"] },
        ["our own beside a listed domain"] = static a => a.Case(a.Root.Issue(Id), a.FederatedServer()) with { TrustDomains = ["partner.example"] },
        ["another revoked by CRL"] = static a => a.Case(a.Root.Issue(Id), a.Server(a.Root, a.Root.Revoke(a.Root.Issue(Id)))),
    };

    // As callers do that are configured with a leaf alone.
    private static MeshTestCertificate Bare(MeshTestCertificate certificate) => new(certificate.Certificate, [], certificate.RootPem);
}

/// <summary>The authorities of a test: the mesh's own, one under it, one that nobody knows, one of the mesh's name, and a partner's.</summary>
internal sealed class Authorities : IDisposable
{
    public Authorities() => Intermediate = Root.CreateIntermediate("Intermediate");

    public MeshCertificateAuthority Root { get; } = new("Root");

    public MeshCertificateAuthority Intermediate { get; }

    public MeshCertificateAuthority Foreign { get; } = new("Foreign");

    public MeshCertificateAuthority Namesake { get; } = new("Root");

    public MeshCertificateAuthority Federated { get; } = new("Federated");

    public CallerCase Case(MeshTestCertificate? caller, MeshIdentity? server = null) => new(caller, server ?? Server(Root));

    /// <summary>The server, believing some authority, whoever it is under itself.</summary>
    public MeshIdentity Server(MeshCertificateAuthority believed, params ImmutableArray<string> revocationLists) =>
        Server(believed.Certificate.ExportCertificatePem(), revocationLists);

    public MeshIdentity Server(string pem, params ImmutableArray<string> revocationLists) => Server(new TrustBundle(null, Certificates(pem), revocationLists.Select(Der)));

    public MeshIdentity FederatedServer() =>
        Server(new TrustBundle("cluster.local", Certificates(Root.RootPem)), new TrustBundle("partner.example", Certificates(Federated.RootPem)));

    public CallerCase Under(DateTimeOffset made)
    {
        var lower = new MeshCertificateAuthority("Upper root", new FakeTimeProvider(made)).CreateIntermediate("Lower");
        var now = TimeProvider.System.GetUtcNow();
        return Case(lower.Issue(CallerCases.Id, new() { NotBefore = now.AddMinutes(-2), NotAfter = now.AddHours(1) }), Server(lower));
    }

    public MeshTestCertificate SelfSigned(string id)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(id));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return new MeshTestCertificate(request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1)), [], Root.RootPem);
    }

    public string CrlOf(MeshCertificateAuthority revoked, bool ended = false)
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry(revoked.Certificate);
        var now = TimeProvider.System.GetUtcNow();
        return PemEncoding.WriteString(
            "X509 CRL", builder.Build(Root.Certificate, 1, ended ? now.AddHours(-1) : now.AddDays(7), HashAlgorithmName.SHA256, null, now.AddHours(-2)));
    }

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
        Foreign.Dispose();
        Namesake.Dispose();
        Federated.Dispose();
    }

    private MeshIdentity Server(params TrustBundle[] bundles)
    {
        var own = Root.Issue(ServerSetup.Id);
        return new MeshIdentity(own.Certificate, own.Chain, bundles);
    }

    private static ReadOnlyMemory<byte> Der(string pem) => Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);

    private static X509Certificate2Collection Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }
}
