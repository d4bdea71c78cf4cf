using MeshSdk.Http;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

/// <summary>The port's protocol decides, unless the caller's message would lose its meaning.</summary>
public sealed class ProtocolChoiceTests
{
    private const HttpVersionPolicy OrLower = HttpVersionPolicy.RequestVersionOrLower;
    private const HttpVersionPolicy Exact = HttpVersionPolicy.RequestVersionExact;
    private const HttpVersionPolicy OrHigher = HttpVersionPolicy.RequestVersionOrHigher;

    // asked version, policy, port's protocol → version that is sent
    public static TheoryData<string, HttpVersionPolicy, string, string> Cleartext => new()
    {
        { "1.0", OrLower, "Auto", "1.0" },
        { "1.1", OrLower, "Auto", "1.1" },
        { "1.1", OrLower, "Http1", "1.1" },
        { "1.1", OrLower, "Http2", "2.0" },
        { "1.1", Exact, "Http2", "2.0" },
        { "1.1", OrHigher, "Auto", "1.1" },
        { "1.1", OrHigher, "Http2", "2.0" },
        { "2.0", OrLower, "Auto", "1.1" },
        { "2.0", OrLower, "Http1", "1.1" },
        { "2.0", OrLower, "Http2", "2.0" },
        { "2.0", OrHigher, "Auto", "2.0" },
        { "2.0", Exact, "Auto", "2.0" },
        { "2.0", Exact, "Http1", "2.0" },
        { "2.0", Exact, "Http2", "2.0" },
        { "3.0", OrLower, "Auto", "1.1" },
        { "3.0", OrLower, "Http2", "2.0" },
        { "3.0", Exact, "Auto", "2.0" },
        { "1.0", OrLower, "Caller", "1.0" },
        { "1.1", OrLower, "Caller", "1.1" },
        { "1.1", OrHigher, "Caller", "1.1" },
        { "2.0", OrLower, "Caller", "2.0" },
        { "2.0", Exact, "Caller", "2.0" },
        { "3.0", OrLower, "Caller", "2.0" },
    };

    [Theory]
    [MemberData(nameof(Cleartext))]
    public void The_version_follows_the_port(string asked, HttpVersionPolicy policy, string port, string sent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Version = Version.Parse(asked), VersionPolicy = policy };

        var handler = Choose(request, port, sent, overMeshTls: false);

        if (handler == HttpProtocol.Http2)
        {
            Assert.NotEqual(OrLower, request.VersionPolicy); // would be HTTP/1.1 in cleartext
        }
    }

    [Theory]
    [MemberData(nameof(Cleartext))]
    public void Over_the_meshs_TLS_it_does_too_whatever_the_scheme(string asked, HttpVersionPolicy policy, string port, string sent)
    {
        foreach (var scheme in (string[])["http", "https"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://backend/") { Version = Version.Parse(asked), VersionPolicy = policy };

            var handler = Choose(request, port, sent, overMeshTls: true);

            // Under another one the HTTP stack would ask the handshake for more, or take less from it.
            Assert.True(handler == HttpProtocol.Http2 ? request.VersionPolicy == Exact : scheme == "http" || request.VersionPolicy != OrHigher);
        }
    }

    private static HttpProtocol Choose(HttpRequestMessage request, string port, string sent, bool overMeshTls)
    {
        var before = (request.Version, request.VersionPolicy);
        var journal = new RequestJournal(request);
        var handler = sent == "2.0" ? HttpProtocol.Http2 : HttpProtocol.Http1;
        var protocol = ProtocolChoice.For(request, Enum.Parse<ClusterProtocol>(port), overMeshTls);
        ProtocolChoice.Apply(protocol, request, overMeshTls, ref journal);

        Assert.Equal(handler, protocol);
        Assert.Equal(Version.Parse(sent), request.Version);
        var policy = request.VersionPolicy;
        journal.Undo();
        Assert.Equal(before, (request.Version, request.VersionPolicy));
        request.VersionPolicy = policy;
        return protocol;
    }

    [Theory]
    [MemberData(nameof(Cleartext))]
    public async Task The_same_over_sockets(string asked, HttpVersionPolicy policy, string port, string sent)
    {
        await using var server = await EchoServer.StartAsync("one", sent == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(Enum.Parse<ClusterProtocol>(port)));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/")
        {
            Version = Version.Parse(asked),
            VersionPolicy = policy,
            Content = new StringContent("body"),
        };

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.Equal(sent == "2.0" ? "HTTP/2" : $"HTTP/{sent}", echo.Protocol);
        Assert.Equal("body", echo.Body);
    }
}
