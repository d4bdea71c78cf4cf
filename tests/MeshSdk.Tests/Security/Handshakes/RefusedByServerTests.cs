using System.Security.Authentication;
using MeshSdk.Security;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>
/// Servers that do not speak TLS, go away, or do not believe who we are: what an operator reads then. The cases where a server says so after the handshake
/// are run over and over, for what arrives first, its word or its goodbye, is decided anew each time.
/// </summary>
public sealed class RefusedByServerTests : IDisposable
{
    private readonly Authorities _authorities = new();

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, false)]
    [InlineData(SslProtocols.Tls13, true)]
    public async Task A_server_of_NET_that_does_not_believe_us_is_named_as_such(SslProtocols version, bool http2)
    {
        await using var server = await TlsServer.StartAsync(
            _authorities.Root.Issue(Handshake.Backend), new TlsServerOptions { Versions = version, Roots = _authorities.Foreign.RootPem });
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        for (var i = 0; i < 25; i++)
        {
            var refusal = await Handshake.RefusedAsync(
                () => caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend), http2, i % 2 == 0 ? HttpMethod.Get : HttpMethod.Delete));

            Assert.Contains("refuse", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(Handshake.Caller, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(server.EndPoint.ToString(), refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task A_server_that_fails_after_its_first_answer_refuses_nobody()
    {
        var isRead = new TaskCompletionSource();
        await using var server = await TlsServer.StartAsync(
            _authorities.Root.Issue(Handshake.Backend),
            new TlsServerOptions
            {
                Handle = async context =>
                {
                    await context.Response.WriteAsync("be");
                    await context.Response.Body.FlushAsync();
                    await isRead.Task;
                    context.Abort();
                },
            });
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));
        await using var connection = await caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend));
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        Assert.True(await connection.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0);
        isRead.SetResult();

        var error = await Record.ExceptionAsync(async () =>
        {
            while (await connection.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
            }
        });

        Assert.False(error is AuthenticationException, error?.ToString());
    }

    // Whether a request was sent decides whether it may be sent again elsewhere, also for callers that do not await.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_leaves_a_request_unanswered_may_have_served_it(bool synchronously)
    {
        await using var server = await TlsServer.StartAsync(
            _authorities.Root.Issue(Handshake.Backend), new TlsServerOptions { Handle = static context => { context.Abort(); return Task.CompletedTask; } });
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));
        await using var connection = await caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend));
        var request = "POST / HTTP/1.1\r\nHost: backend\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

        var refusal = await Handshake.RefusedAsync(async () =>
        {
            if (synchronously)
            {
                connection.Write(request);
                Assert.Equal(0, connection.Read(new byte[100]));
            }
            else
            {
                await connection.WriteAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(0, await connection.ReadAsync(new byte[100], TestContext.Current.CancellationToken));
            }
        });

        Assert.True(refusal.MayHaveSent);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "it answered 'HTTP/1.1 400 Bad Request'")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "it answered 'SSH-2.0-OpenSSH_9.2'")]
    [InlineData("\0\0\u0012\u0004\0\0\0\0\0", "does not speak TLS")]
    public async Task A_plaintext_peer_is_named_as_such(string answer, string words)
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadBytesAsync(5);
            await connection.WriteAsync(answer);
            await connection.ReadBytesAsync(int.MaxValue);
        });
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var refusal = await Handshake.RefusedAsync(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Contains(
            $"{server.EndPoint} does not speak TLS, though DestinationRule istio-test/backend asks for ISTIO_MUTUAL", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plaintext_Kestrel_is_named_as_such()
    {
        await using var server = await EchoServer.StartAsync();
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var refusal = await Handshake.RefusedAsync(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Contains("does not speak TLS", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task A_peer_that_closes_before_it_says_anything_may_not_speak_TLS()
    {
        await using var server = RawServer.Start(static connection => connection.ReadBytesAsync(5));
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var error = await Assert.ThrowsAnyAsync<IOException>(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Contains(server.EndPoint.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("the TLS handshake", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_resets_is_named_as_such()
    {
        await using var server = RawServer.Start(static async connection =>
        {
            await connection.ReadBytesAsync(5);
            connection.Reset();
        });
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var error = await Assert.ThrowsAnyAsync<IOException>(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Contains("broke the connection off during the TLS handshake (ConnectionReset)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_closes_in_the_middle_is_named_as_such()
    {
        await using var server = RawServer.Start(static async connection =>
        {
            var head = await connection.TryReadAsync(5);
            await connection.ReadBytesAsync((head![3] << 8) | head[4]);
            await connection.WriteAsync(new byte[] { 22, 3, 3, 0, 200, 2, 0 });
        });
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var error = await Assert.ThrowsAnyAsync<IOException>(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Contains("closed the connection in the middle of the TLS handshake", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, "no version, cipher suite or signature suits both sides")]
    [InlineData(42, "refused our certificate: it is broken")]
    [InlineData(44, "refused our certificate: it is revoked")]
    [InlineData(45, "refused our certificate: it has expired")]
    [InlineData(46, "refused our certificate")]
    [InlineData(48, "does not know the authority that issued it")]
    [InlineData(70, "speaks no version of TLS that is allowed")]
    [InlineData(112, "does not know the name that was asked for")]
    [InlineData(116, "wants a certificate")]
    [InlineData(120, "speaks none of the protocols that were offered")]
    [InlineData(200, "alert 200")]
    public async Task An_alert_is_put_into_words(byte alert, string words)
    {
        await using var server = RawServer.Start(async connection =>
        {
            var head = await connection.TryReadAsync(5);
            await connection.ReadBytesAsync((head![3] << 8) | head[4]);
            await connection.WriteAsync(new byte[] { 21, 3, 3, 0, 2, 2, alert });
            await connection.ReadBytesAsync(int.MaxValue);
        });
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var refusal = await Handshake.RefusedAsync(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "-alpn h2", true)]
    [InlineData(false, "-alpn http/1.1", false)]
    [InlineData(false, "", false)]
    [InlineData(true, "-alpn h2", false)]
    [InlineData(true, "-alpn http/1.1", true)]
    [InlineData(true, "", true)]
    [InlineData(true, "-alpn istio", true)]
    [InlineData(false, "-alpn istio", false)] // says no more than that it is the mesh's
    public async Task What_is_agreed_on_is_what_will_be_spoken(bool http2, string alpn, bool isRefused)
    {
        await using var server = await ServerProcess.OpenSslAsync(_authorities.Root.Issue(Handshake.Backend), $"-www {alpn}");
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var error = await Record.ExceptionAsync(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend), http2));

        Assert.Equal(isRefused, error is PeerRejectedException);
        Assert.Equal(isRefused, error is not null);
    }

    [Fact]
    public async Task Without_a_source_nothing_is_dialled()
    {
        await using var server = await TlsServer.StartAsync(_authorities.Root.Issue(Handshake.Backend));
        var caller = new Handshake(identity: null);

        await Assert.ThrowsAsync<IdentityUnavailableException>(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Empty(server.Clients);
    }
}
