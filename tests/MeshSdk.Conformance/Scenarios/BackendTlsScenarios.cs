using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using MeshSdk.Conformance.Echo;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>BackendTLSPolicies, before servers that speak TLS: whom the mesh talks to, and whom it does not.</summary>
internal static class BackendTlsScenarios
{
    private const int Unavailable = 14;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Tls("backendtlspolicy", "BackendTLSPolicy", Row("/backendtls", V1), Row("/backendtls-host-mismatch", 503), Row("/backendtls-cert-mismatch", 503), Edited("/backendtls")),
        Tls(
            "backendtlspolicy-san",
            "BackendTLSPolicySANValidation",
            Row("/dns", V1),
            Row("/dns-mismatch", 503),
            Row("/uri", V1),
            Row("/uri-mismatch", 503),
            Row("/several", V1),
            Row("/several-mismatch", 503)),
        Tls(
            "backendtlspolicy-conflict-resolution",
            "BackendTLSPolicy",
            Row("/conflict", V1),
            Row("/whole-service", 503),
            Row("/section", V1),
            Case.That("the younger policy is said to have lost", LoserAsync)),
        InvalidTls("backendtlspolicy-invalid-ca-certificate-ref"),
        InvalidTls("backendtlspolicy-invalid-kind"),
        Tls(
            "backendtlspolicy-grpcroute",
            "BackendTLSPolicy",
            Row(Call.Grpc(Method("Echo")), Expected.From(V1)),
            Row(Call.Grpc(Method("EchoTwo")), Expected.Grpc(Unavailable)),
            Row(Call.Grpc(Method("EchoThree")), Expected.Grpc(Unavailable))) with
        {
            Manifests = ["gateway/grpcroute-backendtlspolicy"],
            Origin = "http://gateway:7070",
            Versions = ["2.0"],
        },
    ];

    private static string Method(string name) => $"/{GrpcEcho.Service}/{name}";

    private static Scenario Tls(string name, string feature, params IReadOnlyList<Case> cases) => Gateway("httproute-" + name, feature, cases) with { Name = name };

    /// <summary>A policy without a certificate to verify by lets nothing through, least of all in plaintext; backends that it is not for are served.</summary>
    private static Scenario InvalidTls(string name) => Tls(name, "BackendTLSPolicy", Row("/backendtlspolicy", 503), Row("/without-policy", V2));

    /// <summary>What is trusted is what the ConfigMap holds now: also on the connections that there are.</summary>
    private static Case Edited(string path) => Case.Changing("a ConfigMap that is edited to hold another authority, or none, and back", async run =>
    {
        var certificates = run.World.Pods.Certificates;
        await run.CheckAsync(Call.Get(path), Expected.From(V1));
        foreach (var bad in new[] { certificates.Stranger, "no certificate" })
        {
            await run.World.ApplyAuthorityAsync(EchoCertificates.ConfigMap, bad, TestContext.Current.CancellationToken);
            await run.CheckAsync(Call.Get(path), Expected.Answer(503));
            await run.World.ApplyAuthorityAsync(EchoCertificates.ConfigMap, certificates.Authority, TestContext.Current.CancellationToken);
            await run.CheckAsync(Call.Get(path), Expected.From(V1));
        }
    });

    private static async Task LoserAsync(Run run)
    {
        await run.CheckAsync(Call.Get("/conflict"), Expected.From(V1));
        var mesh = (await run.World.CallerAsync(Names.Infra)).Mesh;
        var lost = Assert.Single(mesh.Diagnostics, static diagnostic => diagnostic.Code == "Conflicted");
        Assert.Equal($"BackendTLSPolicy {Names.Infra}/a-younger", lost.Subject);
    }
}
