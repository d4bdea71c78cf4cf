using System.Net;
using MeshSdk.Http;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Security;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Http;

/// <summary>What a request is sent to the HTTP stack as. Whatever lies under it, servers see the same authority.</summary>
public sealed class CanonicalUriTests
{
    // URI, Host that the caller has set → URI and Host over TLS in HTTP/2; the canonical name is backend
    public static TheoryData<string, string?, string, string?> OverTls => new()
    {
        { "http://backend/a?b=c", null, "https://backend/a?b=c", null },
        { "http://backend:80/", null, "https://backend/", null },
        { "http://backend:443/", null, "https://backend/", "backend:443" },
        { "http://backend:8080/", null, "https://backend:8080/", null },
        { "http://backend.test/", null, "https://backend/", "backend.test" },
        { "http://backend.test:443/", null, "https://backend/", "backend.test:443" },
        { "http://backend.test:8080/", null, "https://backend:8080/", "backend.test:8080" },
        { "http://BACKEND.test.:8080/%41/../x?%20", null, "https://backend:8080/%41/../x?%20", "backend.test.:8080" },
        { "http://[fd00::1]/", null, "https://backend/", "[fd00::1]" },
        { "http://[fd00::1]:8080/", null, "https://backend:8080/", "[fd00::1]:8080" },
        { "http://backend/", "own.example", "https://backend/", "own.example" },
        { "http://backend.test:8080/", "own.example:1", "https://backend:8080/", "own.example:1" },
        { "ws://backend/", null, "wss://backend/", null },
        { "https://backend/", null, "https://backend/", null },
        { "https://backend.test/", null, "https://backend.test/", null },
        { "https://backend:8443/", "own.example", "https://backend:8443/", "own.example" },
    };

    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static readonly EndpointTls Mesh = new(Snapshots.IstioTls(Snapshots.Cluster("backend")), [Snapshots.Identity]);

    private static readonly EndpointTls Dialled = new(
        Mesh.Cluster with { Mode = TlsMode.Simple, ServerName = null, Trust = TlsTrust.System }, NameSet.Empty);

    [Theory]
    [MemberData(nameof(OverTls))]
    public void HTTP2_over_the_meshs_TLS_is_called_https_and_keeps_its_authority(string called, string? host, string sent, string? sentHost)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(called, Verbatim));
        request.Headers.Host = host;
        var (uri, authority) = (request.RequestUri!, AuthorityOf(request));

        var journal = Apply(request, HttpProtocol.Http2, Mesh);

        Assert.Equal((sent, sentHost), (request.RequestUri!.OriginalString, request.Headers.Host));
        Assert.Equal(authority, AuthorityOf(request));
        journal.Undo();
        Assert.Same(uri, request.RequestUri);
        Assert.Equal(host, request.Headers.Host);
    }

    [Theory]
    [InlineData("http://backend/", "http://backend/", null)]
    [InlineData("http://backend:443/", "http://backend:443/", null)]
    [InlineData("http://backend.test/", "http://backend/", "backend.test")]
    [InlineData("http://backend.test:443/", "http://backend:443/", "backend.test:443")]
    [InlineData("https://backend.test/", "https://backend.test/", null)]
    public void HTTP1_over_it_is_called_as_in_plaintext(string called, string sent, string? sentHost)
    {
        foreach (var tls in (EndpointTls?[])[Mesh, null])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, called);
            Apply(request, HttpProtocol.Http1, tls);
            Assert.Equal((sent, sentHost), (request.RequestUri!.AbsoluteUri, request.Headers.Host));
        }
    }

    [Theory]
    [InlineData("http://backend.test:8080/", "https://backend.test:8080/", null)]
    [InlineData("http://backend.test/", "https://backend.test/", null)]
    public void Where_the_name_that_was_dialled_is_the_one_to_be_proved_it_is_not_exchanged(string called, string sent, string? sentHost)
    {
        using var first = new HttpRequestMessage(HttpMethod.Get, called);
        Apply(first, HttpProtocol.Http2, Dialled);
        Assert.Equal((sent, sentHost), (first.RequestUri!.AbsoluteUri, first.Headers.Host));

        using var second = new HttpRequestMessage(HttpMethod.Get, called);
        Apply(second, HttpProtocol.Http1, Dialled);
        Assert.Equal((called, null), (second.RequestUri!.AbsoluteUri, second.Headers.Host));
    }

    [Fact]
    public void Where_credentials_go_by_the_name_it_is_not_exchanged_either()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend.test:8080/");
        Apply(request, HttpProtocol.Http2, Mesh, keepsHost: true);
        Assert.Equal(("https://backend.test:8080/", null), (request.RequestUri!.AbsoluteUri, request.Headers.Host));
    }

    private static RequestJournal Apply(HttpRequestMessage request, HttpProtocol protocol, EndpointTls? tls, bool keepsHost = false)
    {
        var frontend = new Frontend(Snapshots.Cluster("backend"));
        frontend.CanonicalHost("backend");
        var journal = new RequestJournal(request);
        CanonicalUri.Apply(request, frontend, protocol, tls, keepsHost, ref journal);
        return journal;
    }

    // As the HTTP stack makes it, RFC 9110, 7.2.
    private static string AuthorityOf(HttpRequestMessage request)
    {
        var uri = request.RequestUri!;
        var host = IPAddress.TryParse(uri.IdnHost, out var address) && uri.IdnHost.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : uri.IdnHost;
        var isDefault = uri.Port == (uri.Scheme is "https" or "wss" ? 443 : 80);
        return request.Headers.Host ?? (isDefault ? host : $"{host}:{uri.Port}");
    }
}
