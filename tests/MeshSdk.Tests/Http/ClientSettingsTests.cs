using System.Diagnostics;
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
        { "ClientCertificateOptions", new HttpClientHandler { ClientCertificateOptions = ClientCertificateOption.Automatic } },
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

#pragma warning disable SYSLIB0040, CA1416 // an obsolete value, and one for Linux alone
    private static readonly Dictionary<string, SslClientAuthenticationOptions> OwnTls = new()
    {
        [nameof(SslClientAuthenticationOptions.RemoteCertificateValidationCallback)] = TestCertificate.Trusted(),
        [nameof(SslClientAuthenticationOptions.LocalCertificateSelectionCallback)] = new() { LocalCertificateSelectionCallback = static (_, _, _, _, _) => null! },
        [nameof(SslClientAuthenticationOptions.ClientCertificates)] = new() { ClientCertificates = [TestCertificate.SelfSigned] },
        [nameof(SslClientAuthenticationOptions.ClientCertificateContext)] =
            new() { ClientCertificateContext = SslStreamCertificateContext.Create(TestCertificate.SelfSigned, null, offline: true) },
        [nameof(SslClientAuthenticationOptions.CertificateChainPolicy)] = new() { CertificateChainPolicy = new X509ChainPolicy() },
        [nameof(SslClientAuthenticationOptions.CipherSuitesPolicy)] =
            new() { CipherSuitesPolicy = OperatingSystem.IsWindows() ? null : new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256]) },
        [nameof(SslClientAuthenticationOptions.TargetHost)] = new() { TargetHost = "other" },
        [nameof(SslClientAuthenticationOptions.AllowTlsResume)] = new() { AllowTlsResume = false },
        [nameof(SslClientAuthenticationOptions.AllowRenegotiation)] = new() { AllowRenegotiation = false },
        [nameof(SslClientAuthenticationOptions.AllowRsaPkcs1Padding)] = new() { AllowRsaPkcs1Padding = false },
        [nameof(SslClientAuthenticationOptions.AllowRsaPssPadding)] = new() { AllowRsaPssPadding = false },
        [nameof(SslClientAuthenticationOptions.EncryptionPolicy)] = new() { EncryptionPolicy = EncryptionPolicy.AllowNoEncryption },
        [nameof(SslClientAuthenticationOptions.EnabledSslProtocols)] = new() { EnabledSslProtocols = SslProtocols.Tls13 },
        [nameof(SslClientAuthenticationOptions.CertificateRevocationCheckMode)] = new() { CertificateRevocationCheckMode = X509RevocationMode.Offline },
    };
#pragma warning restore SYSLIB0040, CA1416

    public static TheoryData<string> TlsOptions =>
        [.. typeof(SslClientAuthenticationOptions).GetProperties().Select(static p => p.Name)
            .Except([nameof(SslClientAuthenticationOptions.ApplicationProtocols)])]; // SocketsHttpHandler replaces it

    [Theory]
    [MemberData(nameof(TlsOptions))]
    public void Every_TLS_option_of_a_clients_own_is_taken_over(string option)
    {
        var options = OwnTls[option];
        using var handler = new SocketsHttpHandler { SslOptions = options };

        Assert.Same(options, From(handler).Profile.SslOptions);
    }

    [Fact]
    public void Clients_that_send_no_trace_share_connections()
    {
        var none = From(new SocketsHttpHandler { ActivityHeadersPropagator = null }).Profile;
        var noOutput = From(new SocketsHttpHandler { ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator() }).Profile;

        Assert.Same(none, From(new SocketsHttpHandler { ActivityHeadersPropagator = null }).Profile);
        Assert.Same(noOutput, From(new SocketsHttpHandler { ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator() }).Profile);
        Assert.NotSame(TransportProfile.Default, none);
        Assert.NotSame(TransportProfile.Default, noOutput);
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
