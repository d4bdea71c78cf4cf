using System.Text;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Tests.Fixtures;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Kubernetes.Tests.Connection;

public sealed class ApiConnectionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestAuthority _authority = new();
    private readonly ObservedTime _time = new();
    private readonly FakeLogger _log = new();

    public void Dispose()
    {
        _directory.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task HTTP2_is_spoken_with_a_server_whose_name_the_cluster_vouches_for()
    {
        await using var server = await ScriptedApiServer.StartAsync(_authority.Issue("127.0.0.1"));
        await using var connection = await OpenAsync(server, Trusting(_authority));

        var call = await AskAsync(server, connection);

        Assert.Equal("HTTP/2", call.Protocol);
    }

    [Fact]
    public async Task A_certificate_of_the_cluster_for_another_name_is_refused()
    {
        await using var server = await ScriptedApiServer.StartAsync(_authority.Issue("other.test"));
        await using var connection = await OpenAsync(server, Trusting(_authority));

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(connection));

        Assert.Equal(HttpRequestError.SecureConnectionError, fault.HttpRequestError);
        Assert.Contains("RemoteCertificateNameMismatch", fault.InnerException!.Message, StringComparison.Ordinal);
        Assert.False(connection.Outage.IsDown);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        using var stranger = new TestAuthority("stranger");
        await using var server = await ScriptedApiServer.StartAsync(stranger.Issue("127.0.0.1"));
        await using var connection = await OpenAsync(server, Trusting(_authority));

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(connection));

        Assert.Equal(HttpRequestError.SecureConnectionError, fault.HttpRequestError);
    }

    [Fact]
    public async Task The_name_that_the_kubeconfig_states_is_the_one_that_counts()
    {
        await using var server = await ScriptedApiServer.StartAsync(_authority.Issue("other.test"));
        await using var connection = await OpenAsync(server, Trusting(_authority) + "\ntls-server-name: other.test");

        var call = await AskAsync(server, connection);

        Assert.Equal("other.test", server.SeenName);
        Assert.Equal(server.Address.Authority, call.Host);
        Assert.Equal("HTTP/2", call.Protocol);

        server.Certificate = _authority.Issue("127.0.0.1");
        await using var again = await OpenAsync(server, Trusting(_authority) + "\ntls-server-name: other.test");
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(again));
    }

    [Fact]
    public async Task Verification_is_left_out_only_where_the_kubeconfig_says_so_and_the_log_says_it_too()
    {
        using var stranger = new TestAuthority("stranger");
        await using var server = await ScriptedApiServer.StartAsync(stranger.Issue("other.test"));
        await using var connection = await OpenAsync(server, "insecure-skip-tls-verify: true");

        await AskAsync(server, connection);

        Assert.Contains(_log.Collector.GetSnapshot(), record => record.Level == LogLevel.Warning && record.Id.Name == "NotVerified");
    }

    [Fact]
    public async Task A_new_authority_is_used_for_new_connections_and_cuts_no_watch()
    {
        using var successor = new TestAuthority("successor");
        var file = _directory.Write("ca.crt", _authority.Pem);
        await using var server = await ScriptedApiServer.StartAsync(_authority.Issue("127.0.0.1"));
        await using var connection = await OpenAsync(server, $"certificate-authority: {file}");
        var opening = GetAsync(connection);
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        using var response = await opening;
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        server.Certificate = successor.Issue("127.0.0.1");
        _directory.Write("ca.crt", successor.Pem);
        await AskAsync(server, connection);

        Assert.Equal(2, server.Connections);
        await using var later = await OpenAsync(server, $"certificate-authority: {file}");
        Assert.Equal(later.ServerIdentity, connection.ServerIdentity);
        await watch.LineAsync("still here");
        Assert.Equal("still here", await lines.ReadLineAsync(TestContext.Current.CancellationToken));
        watch.Close();
        Assert.Null(await lines.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_kubeconfig_that_holds_the_new_authority_itself_is_read_again()
    {
        using var successor = new TestAuthority("successor");
        await using var server = await ScriptedApiServer.StartAsync(successor.Issue("127.0.0.1"));
        await using var connection = await OpenAsync(server, Trusting(_authority));
        _directory.Write("config", KubernetesScripts.Kubeconfig(server.Address, Trusting(successor), "token: fresh"));
        _time.Advance(TimeSpan.FromSeconds(5));

        var call = await AskAsync(server, connection);

        Assert.Equal("Bearer fresh", call.Authorization);
    }

    [Fact]
    public async Task A_client_certificate_is_shown_and_its_successor_after_it()
    {
        await using var server = await ScriptedApiServer.StartAsync(_authority.Issue("127.0.0.1"), asksForCertificates: true);
        Write("first");
        await using var connection = await OpenAsync(server, Trusting(_authority), "client-certificate: client.crt\nclient-key: client.key");
        await AskAsync(server, connection);
        Assert.Equal("CN=first", server.SeenClientCertificate!.Subject);

        Write("second");
        await AskAsync(server, connection);

        Assert.Equal("CN=second", server.SeenClientCertificate!.Subject);

        void Write(string name)
        {
            using var certificate = _authority.Issue(name);
            _directory.Write("client.crt", certificate.ExportCertificatePem());
            using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
            _directory.Write("client.key", key.ExportPkcs8PrivateKeyPem());
        }
    }

    [Fact]
    public async Task A_token_that_is_refused_is_read_again_at_once()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var token = _directory.Write("token", "old");
        await using var connection = await OpenAsync(server, "", $"tokenFile: {token}");
        await AskAsync(server, connection);
        _directory.Write("token", "new");

        var asking = GetAsync(connection);
        var first = await server.NextAsync();
        Assert.Equal("Bearer old", first.Authorization);
        await first.AnswerAsync(401, "");
        var second = await server.NextAsync();
        Assert.Equal("Bearer new", second.Authorization);
        await second.AnswerAsync(200, "{}");

        using var response = await asking;
        Assert.True(response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task While_the_server_is_away_one_request_asks_for_all_that_wait()
    {
        var server = await ScriptedApiServer.StartAsync();
        await using var connection = await OpenAsync(server, "");
        using var port = await server.LeaveAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(connection));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(connection));
        Assert.True(connection.Outage.IsDown);
        var recovery = connection.Outage.Recovery;
        await _time.SkipAsync(1.5, 2.25);
        await _time.WaitBeginsAsync(1.5, 2.25);

        await using var returned = await ScriptedApiServer.StartAsync(port: port.Number);
        _time.Advance(TimeSpan.FromSeconds(2.25));
        var probe = await returned.NextAsync();
        Assert.Equal("/version", probe.Path);
        await probe.AnswerAsync(403, "");

        await recovery.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.False(connection.Outage.IsDown);
    }

    [Fact]
    public async Task Outages_in_short_order_are_asked_after_by_one_loop()
    {
        var probes = 0;
        await using var outage = new Outage(
            _ =>
            {
                probes++;
                return Task.CompletedTask;
            },
            static _ => { },
            _time,
            new Random(1));
        outage.Failed();
        var first = await _time.WaitBeginsAsync(1.5, 2.25);
        for (var i = 0; i < 3; i++)
        {
            outage.Answered();
            outage.Failed();
        }

        _time.Advance(first);
        await _time.WaitBeginsAsync(1.5, 2.25);

        Assert.Equal(1, probes);
    }

    [Fact]
    public async Task A_cluster_is_known_by_its_authority_and_without_one_by_its_address()
    {
        using var other = new TestAuthority("other");
        await using var server = await ScriptedApiServer.StartAsync(_authority.Issue("127.0.0.1"));
        await using var one = await OpenAsync(server, Trusting(_authority));
        await using var same = await OpenAsync(server, "certificate-authority: " + _directory.Write("ca.crt", $"# a comment\n{_authority.Pem}\n"));
        await using var another = await OpenAsync(server, Trusting(other));
        await using var none = await OpenAsync(server, "");

        Assert.Equal(one.ServerIdentity, same.ServerIdentity);
        Assert.Equal(3, new[] { one.ServerIdentity, another.ServerIdentity, none.ServerIdentity }.Distinct().Count());
        Assert.Matches("^[0-9a-f]{64}$", one.ServerIdentity);
    }

    private static string Trusting(TestAuthority authority) =>
        "certificate-authority-data: " + Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.Pem));

    private async Task<ApiConnection> OpenAsync(ScriptedApiServer server, string cluster, string user = "token: secret")
    {
        var file = _directory.Write("config", KubernetesScripts.Kubeconfig(server.Address, cluster, user));
        return await ApiConnection.OpenAsync(
            new ConnectionSearch(new MeshKubernetesOptions { Kubeconfig = file }, _time), _time, new Random(1), _log, TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> GetAsync(ApiConnection connection) =>
        connection.GetAsync("api/v1/x", acceptsGzip: false, TestContext.Current.CancellationToken);

    private static async Task<ScriptedCall> AskAsync(ScriptedApiServer server, ApiConnection connection)
    {
        var asking = GetAsync(connection);
        var next = server.NextAsync();
        if (await Task.WhenAny(next, asking) == asking)
        {
            // There is no answer yet, so this throws what went wrong.
            (await asking).Dispose();
        }

        var call = await next;
        await call.AnswerAsync(200, "{}");
        (await asking).Dispose();
        return call;
    }
}
