using System.Net;
using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Tests.Compilation;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Runtime;

/// <summary>A service that asks for TLS gets nothing else, whatever is wrong with how it asks.</summary>
public sealed class BackendTlsTests
{
    [Theory]
    [InlineData("hostname: backend.example, wellKnownCACertificates: System", MeshSecurity.On, 200)] // over TLS, which is the transport's own business here
    [InlineData("hostname: backend.example", MeshSecurity.On, 503)]
    [InlineData("hostname: backend.example, wellKnownCACertificates: System", MeshSecurity.Off, 200)]
    public async Task Calls_are_refused_and_never_sent_in_plaintext(string validation, MeshSecurity security, int status)
    {
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", Manifests.Pod(1)) + Policy(validation));
        var sent = 0;
        await using var mesh = await Mesh.StartAsync(new MeshOptions
        {
            InMemory = memory,
            Security = security,
            TransportFactory = new AnsweringTransport(() =>
            {
                sent++;
                return new HttpResponseMessage(HttpStatusCode.OK);
            }),
        });
        using var client = mesh.CreateClient(new MeshClientOptions { RecordCalls = true });
        using var response = await client.GetAsync("http://backend/", TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 503)
        {
            Assert.Equal((0, "UF"), (sent, response.GetMeshCall()!.Flags));
            Assert.Contains("BackendTLSPolicy default/p", response.ReasonPhrase, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("hostname: 7, wellKnownCACertificates: System")]
    [InlineData("hostname: a, hostname: b")]
    [InlineData("caCertificateRefs: 7")]
    public void A_policy_that_cannot_be_read_still_closes_what_it_is_about(string validation)
    {
        var content = ManifestReader.Read(Policy(validation), "a.yaml");
        Assert.Empty(content.Resources);
        var standIn = Assert.Single(content.StandIns);
        Assert.True(standIn.IsNamed);
        Assert.Equal(new ResourceKey("BackendTLSPolicy", "default", "p"), standIn.Rule.Key);
        var cluster = Given.Snapshot(Given.Service("default/backend"), standIn.Rule).Cluster("default/backend");
        Assert.NotNull(cluster.Tls!.Fault);
    }

    private static string Policy(string validation) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: { name: p, namespace: default }
        spec:
          targetRefs: [{ group: "", kind: Service, name: backend }]
          validation: { {{validation}} }
        """;
}
