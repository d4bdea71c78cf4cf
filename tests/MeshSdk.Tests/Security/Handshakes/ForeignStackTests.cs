using System.Text.Json;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>ISTIO_MUTUAL against TLS that .NET has no part in: OpenSSL's own server and Node's.</summary>
public sealed class ForeignStackTests : IDisposable
{
    private readonly Authorities _authorities = new();

    public static TheoryData<string> Refused => [.. MeshPeerCases.Refused.Keys];

    public static TheoryData<string> Accepted => [.. MeshPeerCases.Accepted.Keys];

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task OpenSsl_as_somebody_else_is_refused(string which)
    {
        var (words, make) = MeshPeerCases.Refused[which];
        var setup = make(_authorities);
        await using var server = await ServerProcess.OpenSslAsync(setup.Peer, "-www");
        var caller = new Handshake(setup.Caller, mesh: setup.Mesh);

        var refusal = await Handshake.RefusedAsync(() => caller.SendAsync(server.EndPoint, setup.Tls));

        Assert.All(words, word => Assert.Contains(word, refusal.Message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task OpenSsl_as_whom_it_should_be_is_spoken_to(string which)
    {
        var setup = MeshPeerCases.Accepted[which](_authorities);
        await using var server = await ServerProcess.OpenSslAsync(
            setup.Peer, "-www -Verify 3 -verify_return_error -CAfile clients.pem -alpn h2,http/1.1", _authorities.Root.RootPem);
        var caller = new Handshake(setup.Caller, mesh: setup.Mesh);

        await using var connection = await caller.DialAsync(server.EndPoint, setup.Tls);
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(connection);
        var page = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains("HTTP/1.0 200 ok", page, StringComparison.Ordinal);
        Assert.Contains("http/1.1", connection.NegotiatedApplicationProtocol.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "1.1", "http/1.1")]
    [InlineData(true, "2.0", "h2")]
    public async Task Node_sees_who_calls_and_whom_it_calls(bool http2, string version, string alpn)
    {
        await using var server = await ServerProcess.NodeAsync(_authorities.Intermediate.Issue(Handshake.Backend), roots: _authorities.Root.RootPem);
        var caller = new Handshake(_authorities.Intermediate.Issue(Handshake.Caller).ToIdentity());

        using var response = await caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend), http2);

        using var seen = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        string? Member(string name) => seen.RootElement.GetProperty(name).GetString();
        Assert.Equal(version, Member("version"));
        Assert.Equal(alpn, Member("alpn"));
        Assert.Equal("TLSv1.3", Member("protocol"));
        Assert.Equal(Handshake.ServerName, Member("name"));
        Assert.Equal($"URI:{Handshake.Caller}", Member("client"));
    }

    [Theory]
    [InlineData("wrong SPIFFE ID")]
    [InlineData("right ID under the wrong CA")]
    [InlineData("expired")]
    [InlineData("two URI SANs")]
    public async Task Node_as_somebody_else_is_refused(string which)
    {
        var (words, make) = MeshPeerCases.Refused[which];
        var setup = make(_authorities);
        await using var server = await ServerProcess.NodeAsync(setup.Peer, roots: _authorities.Root.RootPem);
        var caller = new Handshake(setup.Caller, mesh: setup.Mesh);

        var refusal = await Handshake.RefusedAsync(() => caller.SendAsync(server.EndPoint, setup.Tls, http2: true));

        Assert.All(words, word => Assert.Contains(word, refusal.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-tls1_1 -cipher DEFAULT@SECLEVEL=0")]
    [InlineData("-tls1 -cipher DEFAULT@SECLEVEL=0")]
    public async Task A_version_before_1_2_is_refused(string version)
    {
        await using var server = await ServerProcess.OpenSslAsync(_authorities.Root.Issue(Handshake.Backend), $"-www {version}");
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var refusal = await Handshake.RefusedAsync(() => caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Contains("speaks no version of TLS that is allowed here, which are 1.2 and 1.3", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("DestinationRule istio-test/backend asks for ISTIO_MUTUAL", refusal.Message, StringComparison.Ordinal);
    }

    // What the platform does not offer the server refuses by itself; what it does offer is refused here.
    [Theory]
    [InlineData("ECDHE-ECDSA-AES256-GCM-SHA384", true)]
    [InlineData("ECDHE-ECDSA-AES128-GCM-SHA256", true)]
    [InlineData("ECDHE-ECDSA-AES128-SHA256", false)]
    [InlineData("ECDHE-ECDSA-AES256-SHA", false)]
    public async Task A_weak_cipher_suite_is_refused(string suite, bool isAccepted)
    {
        await using var server = await ServerProcess.OpenSslAsync(_authorities.Root.Issue(Handshake.Backend), $"-www -tls1_2 -cipher {suite}");
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var error = await Record.ExceptionAsync(() => caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Equal(isAccepted, error is null);
        Assert.True(isAccepted || (Handshake.RefusalIn(error) is { } refusal && refusal.Message.Contains("cipher suite", StringComparison.Ordinal)), error?.ToString());
    }

    [Theory]
    [InlineData("-tls1_2", false)]
    [InlineData("-tls1_3", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    public async Task OpenSsl_that_does_not_believe_us_is_named_as_such(string version, bool post)
    {
        await using var server = await ServerProcess.OpenSslAsync(
            _authorities.Root.Issue(Handshake.Backend), $"-www {version} -Verify 3 -verify_return_error -CAfile clients.pem", _authorities.Foreign.RootPem);
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var refusal = await Handshake.RefusedAsync(
            () => caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend), method: post ? HttpMethod.Post : HttpMethod.Get));

        Assert.Contains("refused our certificate", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Handshake.Caller, refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.MayHaveSent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Node_that_does_not_believe_us_is_named_as_such(bool http2)
    {
        await using var server = await ServerProcess.NodeAsync(_authorities.Root.Issue(Handshake.Backend), roots: _authorities.Foreign.RootPem);
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var refusal = await Handshake.RefusedAsync(() => caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend), http2));

        Assert.Contains("refuse", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Handshake.Caller, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_certificate_may_be_revoked_over_there()
    {
        var own = _authorities.Root.Issue(Handshake.Caller);
        await using var server = await ServerProcess.OpenSslAsync(
            _authorities.Root.Issue(Handshake.Backend),
            "-www -tls1_3 -Verify 3 -verify_return_error -CAfile clients.pem -crl_check",
            _authorities.Root.RootPem + "\n" + _authorities.Root.Revoke(own));
        var caller = new Handshake(own.ToIdentity());

        var refusal = await Handshake.RefusedAsync(() => caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Contains("refused our certificate", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("revoked", refusal.Message, StringComparison.OrdinalIgnoreCase);
    }
}
