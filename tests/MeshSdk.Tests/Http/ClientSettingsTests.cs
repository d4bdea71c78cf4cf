using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Http;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Http;

/// <summary>What is taken over from the handler that an application configured, and what is refused.</summary>
public sealed class ClientSettingsTests
{
    private static ClientSettings From(HttpMessageHandler handler, MeshClientOptions? options = null) =>
        ClientSettings.From(handler, options ?? new MeshClientOptions(), "orders");

    public static TheoryData<string, HttpMessageHandler> Refused => new()
    {
        { "ConnectCallback", new SocketsHttpHandler { ConnectCallback = static (_, _) => throw new NotSupportedException() } },
        { "PlaintextStreamFilter", new SocketsHttpHandler { PlaintextStreamFilter = static (_, _) => throw new NotSupportedException() } },
        { "ServerCertificateCustomValidationCallback", new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true } },
        { "Wrapper", new Wrapper() },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_honoured_is_refused_by_name(string what, HttpMessageHandler handler)
    {
        var error = Assert.Throws<InvalidOperationException>(() => From(handler));

        Assert.Contains("'orders'", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Handlers_as_they_come_share_the_default_profile()
    {
        Assert.Same(TransportProfile.Default, From(new SocketsHttpHandler()).Profile);
        Assert.Same(TransportProfile.Default, From(new HttpClientHandler()).Profile);
        Assert.Same(TransportProfile.Default, From(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) }).Profile);
    }

    [Fact]
    public void Settings_of_either_kind_of_handler_are_taken_over()
    {
        var credentials = new NetworkCredential("user", "secret");
        var cookies = new CookieContainer();
        HttpMessageHandler[] handlers =
        [
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false, MaxAutomaticRedirections = 7, CookieContainer = cookies, AutomaticDecompression = DecompressionMethods.GZip,
                Credentials = credentials, PreAuthenticate = true, MaxConnectionsPerServer = 3, MaxResponseHeadersLength = 5,
            },
            new HttpClientHandler
            {
                AllowAutoRedirect = false, MaxAutomaticRedirections = 7, CookieContainer = cookies, AutomaticDecompression = DecompressionMethods.GZip,
                Credentials = credentials, PreAuthenticate = true, MaxConnectionsPerServer = 3, MaxResponseHeadersLength = 5,
            },
        ];

        foreach (var settings in handlers.Select(static h => From(h)))
        {
            Assert.False(settings.AllowAutoRedirect);
            Assert.Equal(7, settings.MaxAutomaticRedirections);
            Assert.Same(cookies, settings.Cookies);
            Assert.Equal(DecompressionMethods.GZip, settings.Decompression);
            using var pinned = new SocketsHttpHandler();
            settings.Profile.ApplyTo(pinned);
            Assert.Same(credentials, pinned.Credentials);
            Assert.True(pinned.PreAuthenticate);
            Assert.Equal((3, 5), (pinned.MaxConnectionsPerServer, pinned.MaxResponseHeadersLength));
        }
    }

    [Fact]
    public void Settings_that_a_client_left_alone_stay_as_the_mesh_has_configured_them()
    {
        using var pinned = new SocketsHttpHandler { MaxResponseHeadersLength = 9, InitialHttp2StreamWindowSize = 1_000_000 };

        From(new SocketsHttpHandler { MaxConnectionsPerServer = 3 }).Profile.ApplyTo(pinned);

        Assert.Equal((3, 9, 1_000_000), (pinned.MaxConnectionsPerServer, pinned.MaxResponseHeadersLength, pinned.InitialHttp2StreamWindowSize));
    }

    public static TheoryData<SslClientAuthenticationOptions> OwnTls =>
    [
        TestCertificate.Trusted(),
        new SslClientAuthenticationOptions { TargetHost = "other" },
        new SslClientAuthenticationOptions { AllowTlsResume = false },
        new SslClientAuthenticationOptions { AllowRenegotiation = false },
        new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls13 },
        new SslClientAuthenticationOptions { CertificateRevocationCheckMode = X509RevocationMode.Offline },
    ];

    [Theory]
    [MemberData(nameof(OwnTls))]
    public void TLS_options_of_a_clients_own_are_taken_over(SslClientAuthenticationOptions options)
    {
        using var handler = new SocketsHttpHandler { SslOptions = options };

        Assert.Same(options, From(handler).Profile.SslOptions);
    }

    [Fact]
    public void Options_of_the_mesh_win_over_the_handler()
    {
        Assert.True(From(new SocketsHttpHandler { AllowAutoRedirect = false }, new MeshClientOptions { AllowAutoRedirect = true }).AllowAutoRedirect);
        Assert.False(From(new SocketsHttpHandler(), new MeshClientOptions { AllowAutoRedirect = false }).AllowAutoRedirect);
    }

    [Fact]
    public void A_handler_of_the_applications_own_kind_is_taken_as_it_is()
    {
        var settings = From(new Custom());

        Assert.Null(settings.Cookies);
        Assert.Same(TransportProfile.Default, settings.Profile);
    }

    private sealed class Wrapper : DelegatingHandler;

    private sealed class Custom : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
