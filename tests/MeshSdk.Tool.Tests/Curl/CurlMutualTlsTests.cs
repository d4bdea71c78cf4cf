using System.Collections.Concurrent;
using System.Text.Json;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tool.Tests.Curl;

/// <summary>The command before servers that know their callers, and have to be known.</summary>
public sealed class CurlMutualTlsTests : IDisposable
{
    private const string Client = "spiffe://cluster.local/ns/istio-test/sa/client";
    private const string Backend = "spiffe://cluster.local/ns/istio-test/sa/backend-v1";

    private readonly ManifestDirectory _manifests = new();
    private readonly MeshCertificateAuthority _authority = new();

    private string Certificates => Path.Combine(_manifests.Path, ".certs");

    public void Dispose()
    {
        _authority.Dispose();
        _manifests.Dispose();
    }

    [Fact]
    public async Task Each_side_is_told_who_the_other_is()
    {
        await using var server = await StubServer.StartMutualAsync(
            _authority.Issue(Backend), static context => context.Response.WriteAsync(UriOf(context)));
        WriteMesh(server.Port);
        _authority.Issue(Client).WriteTo(Certificates);

        var line = await LineAsync("--certs", Certificates);

        Assert.Equal((200, "-", Client), (line.GetProperty("status").GetInt32(), line.GetProperty("flags").GetString(), line.GetProperty("body").GetString()));
        Assert.Equal(Backend, line.GetProperty("peer").GetString());
        Assert.Equal($"127.0.0.1:{server.Port}", line.GetProperty("endpoint").GetString());
        Assert.Contains($", peer {Backend}\n", (await CurlAsync("--certs", Certificates, "-v")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_somebody_else_gets_no_request_and_the_failed_check_is_told()
    {
        const string Somebody = "spiffe://cluster.local/ns/istio-test/sa/somebody";
        await using var server = await StubServer.StartMutualAsync(_authority.Issue(Somebody), static _ => Task.CompletedTask);
        WriteMesh(server.Port);
        _authority.Issue(Client).WriteTo(Certificates);

        var line = await LineAsync("--certs", Certificates);

        AssertRefused(line, server.Port);
        Assert.Contains(Somebody, line.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.False(server.Called.IsCompleted);
        Assert.Contains(Somebody, (await CurlAsync("--certs", Certificates, "-v")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_refuses_our_certificate_is_a_failed_connect()
    {
        using var stranger = new MeshCertificateAuthority("A stranger");
        await using var server = await StubServer.StartMutualAsync(_authority.Issue(Backend), static _ => Task.CompletedTask);
        WriteMesh(server.Port);
        stranger.Issue(Client).WriteTo(Certificates);
        await File.WriteAllTextAsync(Path.Combine(Certificates, "root-cert.pem"), _authority.RootPem);

        AssertRefused(await LineAsync("--certs", Certificates), server.Port);
        Assert.False(server.Called.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_an_identity_nothing_is_sent_least_of_all_in_plaintext(bool byRule)
    {
        await using var server = await StubServer.SayAsync("never");
        WriteMesh(server.Port, byRule ? Rule : Peers("STRICT"));

        var line = await LineAsync();

        Assert.Equal((503, "UF"), (line.GetProperty("status").GetInt32(), line.GetProperty("flags").GetString()));
        Assert.Equal(JsonValueKind.Null, line.GetProperty("peer").ValueKind);
        Assert.False(server.Called.IsCompleted);
    }

    [Fact]
    public async Task A_server_that_speaks_plaintext_is_a_failed_connect()
    {
        await using var server = await StubServer.SayAsync("never");
        WriteMesh(server.Port);
        _authority.Issue(Client).WriteTo(Certificates);

        AssertRefused(await LineAsync("--certs", Certificates), server.Port);
        Assert.False(server.Called.IsCompleted);
    }

    [Fact]
    public async Task Where_nobody_asks_for_it_and_there_is_no_identity_it_is_plaintext()
    {
        await using var server = await StubServer.SayAsync("hello");
        WriteMesh(server.Port, Peers("PERMISSIVE"));

        var line = await LineAsync();

        Assert.Equal((200, "hello"), (line.GetProperty("status").GetInt32(), line.GetProperty("body").GetString()));
        Assert.Equal(JsonValueKind.Null, line.GetProperty("peer").ValueKind);
    }

    [Fact]
    public async Task With_an_identity_pods_that_say_so_are_called_by_mutual_TLS_without_any_rule()
    {
        await using var server = await StubServer.StartMutualAsync(_authority.Issue(Backend), static context => context.Response.WriteAsync("hello"));
        WriteMesh(server.Port, policies: "");
        _authority.Issue(Client).WriteTo(Certificates);

        var line = await LineAsync("--certs", Certificates);

        Assert.Equal((200, Backend), (line.GetProperty("status").GetInt32(), line.GetProperty("peer").GetString()));
    }

    [Fact]
    public async Task Certificates_that_change_while_it_runs_are_shown_on_new_connections_as_soon_as_they_are_a_pair()
    {
        var seen = new ConcurrentDictionary<string, TaskCompletionSource>();
        await using var server = await StubServer.StartMutualAsync(_authority.Issue(Backend), context =>
        {
            context.Response.Headers.Connection = "close";
            Seen(context.Connection.ClientCertificate!.SerialNumber).TrySetResult();
            return context.Response.WriteAsync("hello");
        });
        WriteMesh(server.Port);
        var (first, next) = (_authority.Issue(Client), _authority.Issue(Client));
        first.WriteTo(Certificates);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new MemoryStream();
        var run = Program.RunAsync(
            [.. Command, "-o", "json", "--certs", Certificates, "--count", "100000", "--rate", "20"], TextReader.Null, output, TextWriter.Null, Surroundings.None, stop.Token);

        await UntilAsync(first);
        await File.WriteAllTextAsync(Path.Combine(Certificates, "key.pem"), next.KeyPem);
        seen.Clear();
        await UntilAsync(first);
        next.WriteTo(Certificates);
        await UntilAsync(next);

        await stop.CancelAsync();
        Assert.Equal(130, await run);
        Assert.DoesNotContain("\"status\":503", System.Text.Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);

        TaskCompletionSource Seen(string serial) => seen.GetOrAdd(serial, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

        Task UntilAsync(MeshTestCertificate certificate) => Seen(certificate.Certificate.SerialNumber).Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private string[] Command => ["curl", "--manifests", _manifests.Path, "-n", "istio-test", "http://backend-v1/"];

    private const string Rule =
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: backend-v1-settings, namespace: istio-test }
        spec: { host: backend-v1, trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }
        """;

    private static string Peers(string mode) =>
        $$"""
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: default, namespace: istio-test }
        spec: { mtls: { mode: {{mode}} } }
        """;

    private static string UriOf(HttpContext context) => MeshSdk.Security.Verification.CertificateNames.Of(context.Connection.ClientCertificate!).Uris.Single();

    private Task<ToolRun> CurlAsync(params string[] args) => ToolRun.Of([.. Command, .. args]);

    private async Task<JsonElement> LineAsync(params string[] args)
    {
        var run = await CurlAsync([.. args, "-o", "json"]);
        Assert.Equal(0, run.ExitCode);
        return Assert.Single(run.JsonLines);
    }

    private static void AssertRefused(JsonElement line, int port)
    {
        Assert.Equal((503, "UF"), (line.GetProperty("status").GetInt32(), line.GetProperty("flags").GetString()));
        Assert.Equal($"127.0.0.1:{port}", line.GetProperty("endpoint").GetString());
        Assert.Equal(JsonValueKind.Null, line.GetProperty("peer").ValueKind);
        Assert.NotEqual("", line.GetProperty("reason").GetString());
    }

    private void WriteMesh(int port, string policies = Rule) => _manifests.Write(
        "mesh.yaml",
        $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: backend-v1, namespace: istio-test }
        spec: { clusterIP: 10.96.0.1, selector: { app: backend }, ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: backend-v1-1, namespace: istio-test, labels: { app: backend, security.istio.io/tlsMode: istio } }
        spec: { serviceAccountName: backend-v1, containers: [] }
        status: { podIP: 127.0.0.1, podIPs: [{ ip: 127.0.0.1 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: backend-v1-a, namespace: istio-test, labels: { kubernetes.io/service-name: backend-v1 } }
        addressType: IPv4
        ports: [{ name: http, port: {{port}} }]
        endpoints: [{ addresses: [127.0.0.1], targetRef: { kind: Pod, name: backend-v1-1, namespace: istio-test } }]
        ---
        {{policies}}
        """);
}
