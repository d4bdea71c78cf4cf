using System.Net;
using System.Security.Cryptography;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Hosting;

namespace MeshSdk.AspNetCore.Tests.Attacks;

/// <summary>Who writes <c>x-forwarded-client-cert</c> by himself becomes nobody else by it.</summary>
public sealed class ForwardedCertificateTests(ForwardedCertificateTests.Target target) : IClassFixture<ForwardedCertificateTests.Target>
{
    private const string Client = "spiffe://cluster.local/ns/web/sa/client", Server = "spiffe://cluster.local/ns/shop/sa/backend";
    private const string Spoofed = "By=spiffe://cluster.local/ns/shop/sa/backend;Hash=00;Subject=\"\";URI=spiffe://cluster.local/ns/web/sa/spoofed";

    // Header lines as they are sent; each a way to get one past who looks for the header.
    public static TheoryData<string> Lines =>
    [
        $"x-forwarded-client-cert: {Spoofed}\r\n",
        $"X-Forwarded-Client-Cert: {Spoofed}\r\n",
        $"X-FORWARDED-CLIENT-CERT: {Spoofed}\r\n",
        $"x-forwarded-client-cert:{Spoofed}\r\nX-Forwarded-Client-Cert: {Spoofed}\r\nx-other: 1\r\nX-FORWARDED-client-cert: {Spoofed}\r\n",
        $"x-forwarded-client-cert:\r\nx-forwarded-client-cert: {Spoofed}\r\n",
        $"x-forwarded-client-cert: \t{Spoofed}\t \r\n",
        $"x-forwarded-client-cert : {Spoofed}\r\n",
        $" x-forwarded-client-cert: {Spoofed}\r\n",
        $"\tx-forwarded-client-cert: {Spoofed}\r\n",
        $"x-other: 1\r\n x-forwarded-client-cert: {Spoofed}\r\n",
        $"x-other: 1\rx-forwarded-client-cert: {Spoofed}\r\n",
        $"x-other: 1\nx-forwarded-client-cert: {Spoofed}\r\n",
        $"x-forwarded-client-cert\0: {Spoofed}\r\n",
        $"x-forwarded-client-cert: a\0{Spoofed}\r\n",
        $"x-forwarded-client-cert: a\r\n {Spoofed}\r\n",
        $"x-forwarded-client-cert\u00a0: {Spoofed}\r\n",
        $"Connection: x-forwarded-client-cert\r\nx-forwarded-client-cert: {Spoofed}\r\n",
        "Connection: x-forwarded-client-cert\r\n",
        $"Content-Length: 0\r\nTransfer-Encoding: chunked\r\nx-forwarded-client-cert: {Spoofed}\r\n\r\n0\r\n",
        $"Transfer-Encoding: chunked\r\nTrailer: x-forwarded-client-cert\r\n\r\n0\r\nx-forwarded-client-cert: {Spoofed}\r\n",
    ];

    public static TheoryData<string> Names => ["x-forwarded-client-cert", "X-Forwarded-Client-Cert", "x-forwarded-client-cert ", " x-forwarded-client-cert", "x-forwarded-client-cert\0", ":x-forwarded-client-cert"];

    private string Own => $"By={Server};Hash={Convert.ToHexStringLower(SHA256.HashData(target.Client.Certificate.RawData))};Subject=\"\";URI={Client}";

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Over_mutual_tls_there_is_the_servers_own_alone(string lines)
    {
        await using var tls = await Dial.TlsAsync(target.Host.Mixed, target.Client, protocols: "http/1.1");
        Expect($"{Client} HTTP/1.1 {Own}", await Http1.GetAsync(tls, "/certificate", lines));
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task In_plaintext_there_is_none(string lines)
    {
        await using var plaintext = await Dial.PlaintextAsync(target.Host.Mixed);
        Expect("plaintext HTTP/1.1 none", await Http1.GetAsync(plaintext, "/certificate", lines));
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task At_a_port_for_plaintext_there_is_none(string lines)
    {
        await using var plaintext = await Dial.PlaintextAsync(target.Host.More[0]);
        Expect("plaintext HTTP/1.1 none", await Http1.GetAsync(plaintext, "/certificate", lines));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nor_does_HTTP2_bring_one(string name)
    {
        await using var tls = await Dial.TlsAsync(target.Host.Mixed, target.Client, protocols: "h2");
        Expect($"{Client} HTTP/2 {Own}", await SendAsync(tls, "https"));
        await using var plaintext = await Dial.PlaintextAsync(target.Host.Http2Only);
        Expect("plaintext HTTP/2 none", await SendAsync(plaintext, "http"));

        async Task<Answer> SendAsync(Stream connection, string scheme)
        {
            var http = new Http2(connection);
            await http.OpenAsync();
            return await Refusal.OrAnswerAsync(() => http.SendAsync([.. Http2.HeadOf("/certificate", isGrpc: false, scheme), (name, Spoofed), ("x-other", "1"), (name, Spoofed)]));
        }
    }

    // Either the request is none to the server, or the header is as if it had not been sent.
    private static void Expect(string expected, Answer answer) => Assert.Contains(answer.Text, (string[])[expected, "status 400", "reset", "refused"]);

    /// <summary>The server that all of them try, and who they really are.</summary>
    public sealed class Target : IAsyncLifetime
    {
        private readonly MeshCertificateAuthority _authority = new();

        internal MeshTestCertificate Client { get; private set; } = null!;

        internal EchoHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Client = _authority.Issue(ForwardedCertificateTests.Client);
            Host = await EchoHost.StartAsync(
                _authority.Issue(Server),
                server: static options => options.PlaintextPaths = ["/certificate"],
                kestrel: static options => options.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseMeshPlaintext()));
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _authority.Dispose();
        }
    }
}
