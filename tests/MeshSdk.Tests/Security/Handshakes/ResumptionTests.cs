using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>
/// Sessions are taken up again, which spares both sides most of a handshake; and not where that would hide who they are by now. OpenSSL's server says on its page
/// whether a connection is a new one. The platform keeps sessions by name and certificate for the whole process, so each test has names of its own.
/// </summary>
public sealed class ResumptionTests : IDisposable
{
    private readonly Authorities _authorities = new();
    private readonly string _name = $"outbound_.80_._.{Guid.NewGuid():n}.istio-test.svc.cluster.local";

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_second_connection_takes_up_the_session_of_the_first(string version)
    {
        await using var server = await ServerAsync(version);
        var caller = new Handshake(Own().ToIdentity());

        Assert.Equal("New", await PageAsync(caller, server));
        Assert.Equal("Reused", await PageAsync(caller, server));
        Assert.Equal("Reused", await PageAsync(caller, server));
    }

    [Fact]
    public async Task Another_certificate_of_ours_begins_anew()
    {
        await using var server = await ServerAsync("-tls1_3");
        var caller = new Handshake(Own().ToIdentity());
        await PageAsync(caller, server);
        Assert.Equal("Reused", await PageAsync(caller, server));

        caller.Identities.Publish(Own().ToIdentity());

        Assert.Equal("New", await PageAsync(caller, server));
        Assert.Equal("Reused", await PageAsync(caller, server));
    }

    [Fact]
    public async Task No_session_outlives_the_trust_in_an_authority_before_there_is_another_certificate()
    {
        await using var server = await ServerAsync("-tls1_3");
        var own = Own();
        var caller = new Handshake(Trusting(own, _authorities.Root, _authorities.Foreign));
        await PageAsync(caller, server);
        Assert.Equal("Reused", await PageAsync(caller, server));

        caller.Identities.Publish(Trusting(own, _authorities.Root));

        Assert.Equal("New", await PageAsync(caller, server));
        Assert.Equal("New", await PageAsync(caller, server));

        caller.Identities.Publish(Trusting(own, _authorities.Root, _authorities.Foreign));
        Assert.Equal("New", await PageAsync(caller, server));

        caller.Identities.Publish(Own().ToIdentity());
        await PageAsync(caller, server);
        Assert.Equal("Reused", await PageAsync(caller, server));
    }

    [Fact]
    public async Task An_authority_more_takes_no_session_away()
    {
        await using var server = await ServerAsync("-tls1_3");
        var own = Own();
        var caller = new Handshake(Trusting(own, _authorities.Root));
        await PageAsync(caller, server);

        caller.Identities.Publish(Trusting(own, _authorities.Root, _authorities.Foreign));

        Assert.Equal("Reused", await PageAsync(caller, server));
    }

    // What the session carries is judged like what a handshake shows; and one that is refused is not offered a second time.
    [Fact]
    public async Task A_session_of_somebody_else_is_refused_and_forgotten()
    {
        await using var server = await ServerAsync("-tls1_3");
        var caller = new Handshake(Own().ToIdentity());
        await PageAsync(caller, server);
        Assert.Equal("Reused", await PageAsync(caller, server));

        var refusal = await Handshake.RefusedAsync(() => PageAsync(caller, server, "spiffe://cluster.local/ns/istio-test/sa/other"));

        Assert.Contains($"it is {Handshake.Backend}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("New", await PageAsync(caller, server));
    }

    [Fact]
    public async Task No_session_is_offered_that_holds_a_certificate_which_has_expired()
    {
        await using var server = await ServerAsync("-tls1_3", new() { Lifetime = TimeSpan.FromHours(2) });
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var caller = new Handshake(Own().ToIdentity(), time);
        await PageAsync(caller, server);
        Assert.Equal("Reused", await PageAsync(caller, server));

        time.Advance(TimeSpan.FromHours(3));

        var hello = await ClientHello.CaptureAsync(caller, Tls(Handshake.Backend), http2: false);
        Assert.False(hello.ResumesSession);
    }

    private Task<ServerProcess> ServerAsync(string version, MeshTestCertificateOptions? options = null) => ServerProcess.OpenSslAsync(
        _authorities.Root.Issue(Handshake.Backend, options), $"-www {version} -Verify 3 -CAfile clients.pem", _authorities.Root.RootPem);

    private MeshTestCertificate Own() => _authorities.Root.Issue(Handshake.Caller);

    private EndpointTls Tls(string expected)
    {
        var tls = Handshake.Istio(expected);
        return tls with { Cluster = tls.Cluster with { ServerName = _name } };
    }

    private async Task<string> PageAsync(Handshake caller, ServerProcess server, string expected = Handshake.Backend)
    {
        await using var connection = await caller.DialAsync(server.EndPoint, Tls(expected));
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(connection);
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("New, ", StringComparison.Ordinal) || line.StartsWith("Reused, ", StringComparison.Ordinal))
            {
                return line[..line.IndexOf(',', StringComparison.Ordinal)];
            }
        }

        throw new Xunit.Sdk.XunitException("the page says nothing of sessions");
    }

    private static MeshIdentity Trusting(MeshTestCertificate own, params MeshCertificateAuthority[] authorities) => new(
        own.Certificate, own.Chain, [new TrustBundle(null, authorities.Select(static authority => X509Certificate2.CreateFromPem(authority.RootPem)))]);
}
