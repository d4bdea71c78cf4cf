using System.Net;
using EchoBackend;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;

namespace MeshSdk.Samples.Tests.Echo;

/// <summary>The backend that answers where http-echo cannot: over mutual TLS.</summary>
public sealed class EchoServerTests : IDisposable
{
    private readonly MeshFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("-listen=:8080 -text=a=b -certs=/certs", 8080, "a=b", "/certs")]
    [InlineData("--text=hi --listen=0.0.0.0:1", 1, "hi", null)]
    [InlineData("", 5678, "hello", null)]
    public void Options_are_those_of_http_echo(string line, int port, string text, string? certificates) =>
        Assert.Equal(new EchoOptions(port, text, certificates), EchoOptions.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public void And_those_of_a_server_of_the_mesh() => Assert.Equal(
        new EchoOptions(5678, "hello", "/certs") { Mode = PeerAuthenticationMode.Permissive, FollowsCluster = true, HealthPort = 8081 },
        EchoOptions.Parse(["-certs=/certs", "-mode=permissive", "-kubernetes", "-health=:8081"]));

    [Theory]
    [InlineData("-listen=:many")]
    [InlineData("-text")]
    [InlineData("-certs=")]
    [InlineData("-unknown=1")]
    [InlineData("-status-code=99")]
    [InlineData("-delay=-1")]
    [InlineData("-mode=lax")]
    [InlineData("-kubernetes=yes")]
    [InlineData("-health=here")]
    public void Other_options_are_refused(string arg) => Assert.Throws<ArgumentException>(() => EchoOptions.Parse([arg]));

    [Fact]
    public async Task Without_certificates_it_speaks_plain_http()
    {
        await using var server = await StartAsync();

        Assert.Equal("hello\n", await CallPlainAsync(server));
    }

    [Fact]
    public async Task It_fails_and_dawdles_on_demand()
    {
        var options = EchoOptions.Parse(["-listen=:0", "-text=no", "-status-code=503", "-delay=1"]);
        Assert.Equal(new EchoOptions(0, "no", Certificates: null) { StatusCode = 503, Delay = TimeSpan.FromMilliseconds(1) }, options);
        await using var server = EchoServer.Create(options);
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        using var response = await http.GetAsync(server.Urls.Single());

        Assert.Equal((503, "no\n"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_health_port_has_health_and_metrics_in_plaintext(bool isMember)
    {
        using var kept = new KeptPort();
        await using var server = await StartAsync([$"-health=:{kept.Number}", .. isMember ? [$"-certs={_files.Path}"] : Array.Empty<string>()]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{kept.Number}") };
        if (!isMember)
        {
            Assert.Equal("Healthy", await HealthAsync());
            Assert.Contains("http_server_active_requests{", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
            return;
        }

        // STRICT without an identity serves nobody: no kubelet may send callers here.
        Assert.Equal("Unhealthy", await HealthAsync());
        _files.Write(MeshFiles.Agent, _files.Issue("backend"));
        await EventuallyAsync(HealthAsync, static health => health == "Healthy");

        var own = new Uri(server.Urls.First(url => new Uri(url).Port != kept.Number));
        using var client = _files.CreateClient(_files.Issue("client"));
        Assert.Equal("hello\n", await client.GetStringAsync(new Uri($"https://{own.Authority}/")));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(own));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/")).StatusCode);

        // A call is counted when it is over, which the client may know first. Other servers of this process may count for the same meter.
        var line = await EventuallyAsync(
            async () => (await http.GetStringAsync("/metrics")).Split('\n').FirstOrDefault(
                static line => line.StartsWith("istio_requests_total{", StringComparison.Ordinal)
                    && line.Contains("reporter=\"destination\"", StringComparison.Ordinal)
                    && line.Contains($"source_principal=\"{MeshFiles.IdOf("client")}\"", StringComparison.Ordinal)),
            static line => line is not null);
        Assert.Contains("connection_security_policy=\"mutual_tls\"", line, StringComparison.Ordinal);

        async Task<string> HealthAsync() => await (await http.GetAsync("/healthz")).Content.ReadAsStringAsync();
    }

    [Theory]
    [InlineData("cert-chain.pem", "key.pem", "root-cert.pem")]
    [InlineData("tls.crt", "tls.key", "ca.crt")]
    public async Task With_certificates_it_answers_those_who_have_one_too(string chain, string key, string roots)
    {
        _files.Write((chain, key, roots), _files.Issue("backend"));
        await using var server = await StartAsync($"-certs={_files.Path}");

        Assert.Equal(("hello\n", MeshFiles.IdOf("backend")), await CallAsync(server, _files.Issue("client")));
        await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync(server, client: null));
        using var stranger = new MeshCertificateAuthority();
        await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync(server, stranger.Issue(MeshFiles.IdOf("client"))));
        Assert.Equal(HttpRequestError.ResponseEnded, (await Assert.ThrowsAsync<HttpRequestException>(() => CallPlainAsync(server))).HttpRequestError);
    }

    [Theory]
    [InlineData("permissive", true, true)]
    [InlineData("strict", true, false)]
    [InlineData("disable", false, true)]
    public async Task Its_mode_says_which_connections_it_takes(string mode, bool mutual, bool plain)
    {
        _files.Write(MeshFiles.Agent, _files.Issue("backend"));
        await using var server = await StartAsync($"-certs={_files.Path}", $"-mode={mode}");

        Assert.Equal((mutual, plain), (await IsAnsweredAsync(() => CallAsync(server, _files.Issue("client"))), await IsAnsweredAsync(() => CallPlainAsync(server))));

        static async Task<bool> IsAnsweredAsync(Func<Task> call) => await Record.ExceptionAsync(call) switch
        {
            null => true,
            HttpRequestException => false,
            var other => throw new InvalidOperationException("That is no refusal.", other),
        };
    }

    [Fact]
    public async Task Certificates_that_come_later_or_change_serve_the_next_connection()
    {
        var layout = MeshFiles.Agent;
        await using var server = await StartAsync($"-certs={_files.Path}");

        _files.Write(layout, _files.Issue("first"));
        await ShowsAsync(server, "first");

        // Half of the next pair: the last whole one goes on.
        _files.Write("cert-chain.pem", _files.Issue("half").ChainPem);
        await ShowsAsync(server, "first");

        _files.Write(layout, _files.Issue("second"));
        await ShowsAsync(server, "second");
    }

    private static async Task<WebApplication> StartAsync(params string[] args)
    {
        var server = EchoServer.Create(EchoOptions.Parse(["-listen=:0", .. args]));
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    private static async Task<string> CallPlainAsync(WebApplication server)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(server.Urls.Single());
    }

    /// <summary>Calls until the server shows an identity: files are taken as soon as they stand still.</summary>
    private Task<Exception?> ShowsAsync(WebApplication server, string account) => EventuallyAsync(
        async () => await Record.ExceptionAsync(async () => Assert.Equal(MeshFiles.IdOf(account), (await CallAsync(server, _files.Issue("client"))).Server)),
        static error => error is null);

    private static async Task<T> EventuallyAsync<T>(Func<Task<T>> read, Func<T, bool> isThere)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (isThere(value))
            {
                return value;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(1), value?.ToString());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Over a connection of its own.</summary>
    private async Task<(string Text, string? Server)> CallAsync(WebApplication server, MeshTestCertificate? client)
    {
        string? shown = null;
        using var http = _files.CreateClient(client, id => shown = id);
        return (await http.GetStringAsync(new Uri($"https://{new Uri(server.Urls.Single()).Authority}/")), shown);
    }
}
