using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>A peer as it shows itself, and a caller who has to judge it.</summary>
internal sealed record MeshPeerCase(MeshTestCertificate Peer, MeshIdentity Caller, EndpointTls Tls)
{
    public MeshSettings Mesh { get; init; } = MeshSettings.Default;
}

/// <summary>The tables of who is refused, with words of the refusal, and of who is accepted.</summary>
internal static class MeshPeerCases
{
    private const string Partner = "spiffe://partner.example/ns/shop/sa/backend";
    private const string Former = "spiffe://former.local/ns/istio-test/sa/backend";

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public static IReadOnlyDictionary<string, (string[] Words, Func<Authorities, MeshPeerCase> Make)> Refused { get; } =
        new Dictionary<string, (string[], Func<Authorities, MeshPeerCase>)>
        {
            ["wrong SPIFFE ID"] = (
                ["it is spiffe://cluster.local/ns/istio-test/sa/other", $"expected: {Handshake.Backend}"],
                static a => a.Case(a.Root.Issue("spiffe://cluster.local/ns/istio-test/sa/other"))),
            ["right ID with more behind it"] = (
                ["/sa/backend/more", "expected"],
                static a => a.Case(a.Root.Issue(Handshake.Backend + "/more"))),
            ["right ID in other letters"] = (
                ["/sa/Backend", "expected"],
                static a => a.Case(a.Root.Issue("spiffe://cluster.local/ns/istio-test/sa/Backend"))),
            ["right ID under the wrong CA"] = (
                ["no trusted authority vouches", "CN=Foreign"],
                static a => a.Case(a.Foreign.Issue(Handshake.Backend))),
            ["right ID under a CA of the same name"] = (
                ["is not that of the authority that it names, 'CN=Root'"],
                static a => a.Case(a.Namesake.Issue(Handshake.Backend))),
            ["expired"] = (
                ["expired at", "and it is"],
                static a => a.Case(a.Root.Issue(Handshake.Backend, new() { NotBefore = Now.AddHours(-2), NotAfter = Now.AddHours(-1) }))),
            ["not yet valid"] = (
                ["is not valid yet", "and it is"],
                static a => a.Case(a.Root.Issue(Handshake.Backend, new() { NotBefore = Now.AddHours(1), NotAfter = Now.AddHours(2) }))),
            ["no SAN"] = (
                ["holds no name", "exactly one URI"],
                static a => a.Case(a.Root.Issue(null, new() { Subject = "CN=backend" }))),
            ["DNS-only SAN"] = (
                ["only DNS names (backend.istio-test.svc.cluster.local)", "exactly one URI"],
                static a => a.Case(a.Root.Issue(null, new() { DnsNames = ["backend.istio-test.svc.cluster.local"] }))),
            ["two URI SANs"] = (
                [Handshake.Backend, "sa/other", "exactly one URI"],
                static a => a.Case(a.Root.Issue(Handshake.Backend, new() { Uris = ["spiffe://cluster.local/ns/istio-test/sa/other"] }))),
            ["the same URI SAN twice"] = (
                ["exactly one URI"],
                static a => a.Case(a.Root.Issue(Handshake.Backend, new() { Uris = [Handshake.Backend] }))),
            ["CA certificate as leaf"] = (
                ["is one of an authority (basic constraints say CA)"],
                static a => a.Case(a.Root.Issue(Handshake.Backend, new() { IsAuthority = true }))),
            ["wrong EKU"] = (
                ["not for servers", "serverAuth"],
                static a => a.Case(a.Root.Issue(Handshake.Backend, new() { EnhancedKeyUsages = ["1.3.6.1.5.5.7.3.2"] }))),
            ["a federated CA forging our domain"] = (
                ["no trusted authority vouches", "CN=Federated"],
                static a => a.Case(a.Federated.Issue(Handshake.Backend), a.FederatedCaller())),
            ["a federated CA forging our domain where peers of both are expected"] = (
                ["is no authority of the trust domain cluster.local"],
                static a => a.Case(a.Federated.Issue(Handshake.Backend), a.FederatedCaller(), Handshake.Backend, Partner)),
            ["our CA forging a federated domain"] = (
                ["is no authority of the trust domain partner.example"],
                static a => a.Case(a.Root.Issue(Partner), a.FederatedCaller(), Handshake.Backend, Partner)),
            ["a federated CA forging an alias"] = (
                ["is no authority of the trust domain former.local"],
                static a => a.Case(a.Federated.Issue(Former), a.FederatedCaller(), Former, Partner) with { Mesh = Alias("former.local") }),
            ["root removed from the bundle"] = (
                ["no trusted authority vouches", "CN=Root"],
                static a => a.Case(a.Root.Issue(Handshake.Backend), a.Caller(a.Foreign.RootPem))),
            ["revoked by CRL"] = (
                ["is revoked", "CN=Root"],
                static a => a.Revoked(a.Root, static (a, peer) => a.Root.Revoke(peer), a.Root.Issue(Handshake.Backend))),
            ["under an intermediate that is revoked"] = (
                ["is revoked", "CN=Intermediate"],
                static a => a.Revoked(a.Root, static (a, _) => a.CrlOf(a.Intermediate.Certificate), a.Intermediate.Issue(Handshake.Backend))),
            ["a bundle with an intermediate alone that has expired"] = (
                ["its certificate 'CN=Lower'", "expired at"],
                static a => a.Under(Now.AddYears(-6), static lower => [lower])),
            ["a bundle with an intermediate alone that is not valid yet"] = (
                ["its certificate 'CN=Lower'", "is not valid yet"],
                static a => a.Under(Now.AddDays(2), static lower => [lower])),
            ["a bundle with an intermediate that has expired and its namesake"] = (
                ["CN=Lower"],
                static a => a.Under(Now.AddYears(-6), lower => [lower, a.Root.CreateIntermediate("Lower")])),
            ["a URI that is longer than anybody reads"] = (
                ["it is spiffe://cluster.local/aaaa", "...; expected: "],
                static a => a.Case(a.Root.Issue("spiffe://cluster.local/" + new string('a', 5000)))),
            ["trust domain alias missing"] = (
                [$"it is {Former}", $"expected: {Handshake.Backend}"],
                static a => a.Case(a.Root.Issue(Former))),
        };

    public static IReadOnlyDictionary<string, Func<Authorities, MeshPeerCase>> Accepted { get; } = new Dictionary<string, Func<Authorities, MeshPeerCase>>
    {
        ["right SPIFFE ID"] = static a => a.Case(a.Root.Issue(Handshake.Backend)),
        ["one of several IDs"] = static a => a.Case(a.Root.Issue(Handshake.Backend), null, "spiffe://cluster.local/ns/istio-test/sa/a", Handshake.Backend),
        ["an intermediate"] = static a => a.Case(a.Intermediate.Issue(Handshake.Backend)),
        ["a bundle with the intermediate alone"] = static a => a.Case(a.Intermediate.Issue(Handshake.Backend), a.Caller(a.Intermediate.Certificate.ExportCertificatePem())),
        ["a bundle with the lower of two intermediates, both of which are sent"] = static a => a.Under(Now, static lower => [lower], isSentWithUpper: true),
        ["a bundle of two roots, of which it is the second"] = static a => a.Case(a.Root.Issue(Handshake.Backend), a.Caller(a.Foreign.RootPem + "\n" + a.Root.RootPem)),
        ["two roots of one name"] = static a => a.Case(a.Root.Issue(Handshake.Backend), a.Caller(a.Namesake.RootPem + "\n" + a.Root.RootPem)),
        ["RSA"] = static a => a.Case(a.Root.Issue(Handshake.Backend, new() { Rsa = true })),
        ["DNS names beside the URI"] = static a => a.Case(a.Root.Issue(Handshake.Backend, new() { DnsNames = ["a.example"] })),
        ["a subject beside the URI"] = static a => a.Case(a.Root.Issue(Handshake.Backend, new() { Subject = "CN=backend" })),
        ["no EKU"] = static a => a.Case(a.Root.Issue(Handshake.Backend, new() { EnhancedKeyUsages = [] })),
        ["server EKU alone"] = static a => a.Case(a.Root.Issue(Handshake.Backend, new() { EnhancedKeyUsages = ["1.3.6.1.5.5.7.3.1"] })),
        ["a federated peer under its own CA"] = static a => a.Case(a.Federated.Issue(Partner), a.FederatedCaller(), Partner),
        ["our own peer beside a federation"] = static a => a.Case(a.Root.Issue(Handshake.Backend), a.FederatedCaller(), Handshake.Backend, Partner),
        ["trust domain alias"] = static a => a.Case(a.Root.Issue(Former), null, Handshake.Backend, Former) with { Mesh = Alias("former.local") },
        ["another revoked by CRL"] = static a => a.Revoked(a.Root, static (a, _) => a.Root.Revoke(a.Root.Issue(Handshake.Backend)), a.Root.Issue(Handshake.Backend)),
        ["a CRL of the root alone, and an intermediate below"] =
            static a => a.Revoked(a.Root, static (a, _) => a.Root.Revoke(a.Root.Issue(Handshake.Backend)), a.Intermediate.Issue(Handshake.Backend)),
    };

    private static MeshSettings Alias(string name) => new() { TrustDomainAliases = [name] };
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

    public MeshPeerCase Case(MeshTestCertificate peer, MeshIdentity? caller = null, params string[] expected) =>
        new(peer, caller ?? Caller(Root.RootPem), Handshake.Istio(expected.Length > 0 ? expected : [Handshake.Backend]));

    /// <summary>A caller who believes other authorities than those that it is under.</summary>
    public MeshIdentity Caller(string pem, params ImmutableArray<string> revocationLists) =>
        Caller(new TrustBundle(null, Certificates(pem), revocationLists.Select(static list => new ReadOnlyMemory<byte>(Der(list)))));

    public MeshIdentity FederatedCaller() =>
        Caller(new TrustBundle("cluster.local", Certificates(Root.RootPem)), new TrustBundle("partner.example", Certificates(Federated.RootPem)));

    public MeshIdentity Caller(params TrustBundle[] bundles)
    {
        var own = Root.Issue(Handshake.Caller);
        return new MeshIdentity(own.Certificate, own.Chain, bundles);
    }

    public MeshPeerCase Revoked(MeshCertificateAuthority authority, Func<Authorities, MeshTestCertificate, string> list, MeshTestCertificate peer) =>
        Case(peer, Caller(authority.RootPem, list(this, peer)));

    /// <summary>A peer under an intermediate that was made at some time and, as likely as not, is all that is trusted.</summary>
    public MeshPeerCase Under(DateTimeOffset made, Func<MeshCertificateAuthority, MeshCertificateAuthority[]> bundle, bool isSentWithUpper = false)
    {
        var root = new MeshCertificateAuthority("Upper root", new Microsoft.Extensions.Time.Testing.FakeTimeProvider(made));
        var lower = (isSentWithUpper ? root.CreateIntermediate("Upper") : root).CreateIntermediate("Lower");
        var now = TimeProvider.System.GetUtcNow();
        return Case(
            lower.Issue(Handshake.Backend, new() { NotBefore = now.AddMinutes(-2), NotAfter = now.AddHours(1) }),
            Caller(string.Join('\n', bundle(lower).Select(static authority => authority.Certificate.ExportCertificatePem()))));
    }

    public string CrlOf(X509Certificate2 revoked)
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry(revoked);
        var now = TimeProvider.System.GetUtcNow();
        return System.Security.Cryptography.PemEncoding.WriteString(
            "X509 CRL", builder.Build(Root.Certificate, 1, now.AddDays(7), System.Security.Cryptography.HashAlgorithmName.SHA256, null, now.AddMinutes(-1)));
    }

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
        Foreign.Dispose();
        Namesake.Dispose();
        Federated.Dispose();
    }

    public static byte[] Der(string pem)
    {
        var fields = System.Security.Cryptography.PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }

    private static X509Certificate2Collection Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }
}
