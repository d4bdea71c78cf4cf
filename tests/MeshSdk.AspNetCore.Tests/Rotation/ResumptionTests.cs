using System.Text;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Rotation;

/// <summary>A session that is taken up again proves nothing anew: what would not be believed now is not believed for having been believed before.</summary>
public sealed class ResumptionTests
{
    private const string Server = "spiffe://cluster.local/ns/shop/sa/backend", Client = "spiffe://cluster.local/ns/web/sa/client";

    public static TheoryData<string, bool> Kinds => new() { { "-tls1_2", false }, { "-tls1_2", true }, { "-tls1_3", false }, { "-tls1_3", true } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_caller_that_takes_up_its_session_is_still_itself(string version, bool byIntermediate)
    {
        using var root = new MeshCertificateAuthority();
        using var below = root.CreateIntermediate();
        await using var host = await EchoHost.StartAsync(root.Issue(Server), PeerAuthenticationMode.Strict);
        var client = (byIntermediate ? below : root).Issue(Client);

        var (first, session) = await CallAsync(host, client, version, session: null);
        var (second, _) = await CallAsync(host, client, version, session);

        Assert.Equal($"{Client} HTTP/1.1", first);
        Assert.Equal($"{Client} HTTP/1.1", second);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_session_does_not_outlive_the_authority_by_which_it_was_believed(string version, bool byIntermediate)
    {
        using var left = new MeshCertificateAuthority("left");
        using var below = left.CreateIntermediate();
        using var stayed = new MeshCertificateAuthority("stayed");
        var leaf = stayed.Issue(Server);
        await using var host = await EchoHost.StartAsync(leaf, PeerAuthenticationMode.Strict);
        host.Identities.Update(Believing(left, stayed));
        var client = (byIntermediate ? below : left).Issue(Client);
        (string? Answer, byte[]? Session) before = default;
        await Eventually.HoldsAsync(
            async () => (before = await CallAsync(host, client, version, session: null, stayed.RootPem)).Answer == $"{Client} HTTP/1.1", "both are believed");

        // The same leaf: to the TLS of the server nothing has changed.
        host.Identities.Update(Believing(stayed));

        await Eventually.HoldsAsync(
            async () => (await CallAsync(host, client, version, session: null, stayed.RootPem)).Answer is null, "a new session is refused");
        var (after, _) = await CallAsync(host, client, version, before.Session, stayed.RootPem);
        Assert.Null(after);

        MeshIdentity Believing(params MeshCertificateAuthority[] authorities) =>
            new(leaf.Certificate, leaf.Chain, [new TrustBundle(null, authorities.Select(static authority => authority.Certificate))]);
    }

    // What was answered, and the session that can be taken up; both null where the connection has ended without.
    private static async Task<(string? Answer, byte[]? Session)> CallAsync(
        EchoHost host, MeshTestCertificate client, string version, byte[]? session, string? rootPem = null)
    {
        string[] arguments =
        [
            "s_client", "-connect", host.Mixed.ToString(), "-CAfile", "server.pem", "-verify_return_error", version, "-alpn", "http/1.1", "-nocommands", "-ign_eof",
            "-cert", "cert-chain.pem", "-cert_chain", "cert-chain.pem", "-key", "key.pem", "-sess_out", "next.pem", .. session is null ? [] : (string[])["-sess_in", "session.pem"],
        ];
        await using var openssl = ClientProcess.Start(
            "openssl", client, arguments, ("session.pem", session ?? []), ("server.pem", Encoding.ASCII.GetBytes(rootPem ?? client.RootPem)));
        await openssl.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"u8.ToArray());
        var (output, _) = await openssl.RunAsync();
        var at = output.IndexOf($"{Client} HTTP/1.1", StringComparison.Ordinal);
        return (at < 0 ? null : output.Substring(at, Client.Length + 9), openssl.Find("next.pem"));
    }
}
