using System.Text;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Attacks;

/// <summary>Who does not keep to the order of a handshake gets nothing, and is in nobody's way.</summary>
public sealed class TlsAttackTests : IAsyncLifetime
{
    private const string Client = "spiffe://cluster.local/ns/web/sa/client";

    private readonly MeshCertificateAuthority _authority = new();
    private MeshTestCertificate _client = null!;
    private EchoHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _client = _authority.Issue(Client);
        _host = await EchoHost.StartAsync(_authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("two greetings")]
    [InlineData("a greeting and a request in plaintext")]
    [InlineData("a greeting and HTTP/2 in plaintext")]
    [InlineData("a request behind the first byte of TLS")]
    [InlineData("HTTP/2 behind the first byte of TLS")]
    [InlineData("a record of nothing")]
    [InlineData("a record of an unknown version")]
    [InlineData("a record that is too long")]
    public async Task What_is_not_the_TLS_that_it_seems_is_not_answered_with_HTTP(string kind)
    {
        var greeting = await Greeting.RecordAsync();
        var request = "GET /attack HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"u8.ToArray();
        byte[] http2 = [.. Http2.Opening, .. Http2.Request(1, Http2.HeadOf("/attack", isGrpc: false, "http"))];
        byte[] sent = kind switch
        {
            "two greetings" => [.. greeting, .. greeting],
            "a greeting and a request in plaintext" => [.. greeting, .. request],
            "a greeting and HTTP/2 in plaintext" => [.. greeting, .. http2],
            "a request behind the first byte of TLS" => [0x16, .. request],
            "HTTP/2 behind the first byte of TLS" => [0x16, .. http2],
            "a record of nothing" => [0x16, 3, 1, 0, 0, .. request],
            "a record of an unknown version" => [0x16, 9, 9, 0, 5, .. request],
            _ => [0x16, 3, 1, 0xff, 0xff, .. new byte[70_000]],
        };
        foreach (var port in (int[])[_host.Mixed.Port, _host.Http2Only.Port])
        {
            await using var connection = await Dial.PlaintextAsync(new(_host.Mixed.Address, port));
            var answer = "";
            try
            {
                await connection.WriteAsync(sent);
                connection.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                answer = await Http1.ReadToEndAsync(connection);
            }
            catch (IOException)
            {
                // It is closed already.
            }

            Assert.DoesNotContain("HTTP/", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("plaintext", answer, StringComparison.Ordinal);
        }

        await NobodyWasInTheWayAsync();
    }

    [Fact]
    public async Task Nobody_becomes_somebody_else_by_another_handshake()
    {
        await using var openssl = Start("-tls1_2", []);
        await openssl.ReadAsync(static text => text.Contains("Verify return code", StringComparison.Ordinal));

        // To s_client this means: renegotiate.
        await openssl.WriteAsync("R\n"u8.ToArray());
        await openssl.WriteAsync(Encoding.ASCII.GetBytes("GET /attack HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"));
        var (output, errors) = await openssl.RunAsync();

        Assert.Contains("RENEGOTIATING", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", output, StringComparison.Ordinal);
        await NobodyWasInTheWayAsync();
    }

    // Data can go ahead of a handshake by a session of before, where the server that has handed it out says how much. This one says none, so that a client which
    // keeps to the rules has nothing to send early; what is sent against them is a greeting and something else, as above.
    [Fact]
    public async Task No_session_is_handed_out_by_which_a_caller_could_speak_before_the_handshake_is_over()
    {
        byte[]? session;
        await using (var first = Start("-tls1_3", ["-sess_out", "session.pem", "-nocommands", "-ign_eof"]))
        {
            await first.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"u8.ToArray());
            Assert.Contains($"{Client} HTTP/1.1", (await first.RunAsync()).Output, StringComparison.Ordinal);
            session = first.Find("session.pem");
        }

        // Without any session there is none to speak early by.
        if (session is null)
        {
            return;
        }

        var early = "GET /attack HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"u8.ToArray();
        await using var second = Start(
            "-tls1_3", ["-sess_in", "session.pem", "-early_data", "early.txt", "-nocommands"], ("session.pem", session), ("early.txt", early));
        second.Input.Close();
        Assert.Contains("Early data was not sent", (await second.RunAsync()).Output, StringComparison.Ordinal);
        await NobodyWasInTheWayAsync();
    }

    // TLS is done at the greeting: one that comes in pieces, each a packet, is the same one.
    [Fact]
    public async Task A_greeting_in_small_pieces_is_a_greeting()
    {
        await using var slow = new PiecemealStream(await Dial.PlaintextAsync(_host.Mixed));
        await using var tls = await Dial.TlsOverAsync(slow, _client, _client.RootPem, shows: true, "http/1.1");
        Assert.Equal($"{Client} HTTP/1.1", (await Http1.GetAsync(tls)).Text);
    }

    private ClientProcess Start(string version, string[] arguments, params (string Name, byte[] Content)[] files) => ClientProcess.Start(
        "openssl",
        _client,
        [
            "s_client", "-connect", _host.Mixed.ToString(), "-CAfile", "root-cert.pem", "-verify_return_error", version, "-alpn", "http/1.1",
            "-cert", "cert-chain.pem", "-key", "key.pem", .. arguments,
        ],
        files);

    private async Task NobodyWasInTheWayAsync()
    {
        foreach (var layer in (string[])[Layers.MutualTls, Layers.Plaintext])
        {
            var answer = await StreamCaller.Sidecar.CallAsync(new Call(_host.Mixed, Protocols.Http1, layer, _client));
            Assert.Equal(layer == Layers.MutualTls ? $"{Client} HTTP/1.1" : "plaintext HTTP/1.1", answer.Text);
        }

        Assert.Equal(0, _host.Echo.RequestsTo("/attack"));
    }
}
