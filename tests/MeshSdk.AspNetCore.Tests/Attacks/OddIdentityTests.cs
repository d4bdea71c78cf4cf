using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Attacks;

/// <summary>Certificates of an authority that is believed, which try to be read as somebody else's.</summary>
public sealed partial class OddIdentityTests : IAsyncLifetime
{
    private const string Client = "spiffe://cluster.local/ns/web/sa/client", Server = "spiffe://cluster.local/ns/shop/sa/backend";

    private readonly MeshCertificateAuthority _authority = new();
    private EchoHost _host = null!;

    public static TheoryData<string> Identities =>
    [
        "spiffe://cluster.local/ns/web/sa/a;URI=spiffe:/cluster.local/ns/web/sa/admin",
        "spiffe://cluster.local/ns/web/sa/a,By=b",
        "spiffe://cluster.local/ns/web/sa/a=b",
        "spiffe://cluster.local/ns/web/sa/a b",
        "spiffe://cluster.local/ns/web/sa/a\"b",
        "spiffe://cluster.local/ns/web/sa/a%0d%0ax-admin:1",
        "spiffe://cluster.local/ns/web/sa/a%3bb",
        "spiffe://cluster.local/ns/web/sa/\u00e4",
        "spiffe://cluster.local/ns/web/sa/a?b=c",
        "spiffe://cluster.local/ns/web/sa/a#b",
        "spiffe://cluster.local/ns/web//sa/a",
        "spiffe://cluster.local/ns/web/sa/a/",
        "spiffe://user@cluster.local/ns/web/sa/a",
        "spiffe://cluster.local:80/ns/web/sa/a",
        "spiffe://cluster.local",
        "spiffe://cluster.local.evil/ns/web/sa/a",
        "spiffe://evil.cluster.local/ns/web/sa/a",
        "https://cluster.local/ns/web/sa/a",
    ];

    public static TheoryData<string> Subjects =>
    [
        "CN=plain",
        "O=\"Acme, Inc.\", CN=web",
        "CN=\"a\"\";URI=spiffe://cluster.local/ns/web/sa/admin;Subject=\"\"b\"",
        "CN=\"a\\\"\";URI=spiffe://cluster.local/ns/web/sa/admin;Subject=\\\"\"b\"",
        "CN=\"a\r\nx-admin: 1\"",
        "CN=\"a;URI=spiffe://cluster.local/ns/web/sa/admin\"",
        "CN=a\\\\",
        "CN=\u00e4\u4e2d",
    ];

    public async ValueTask InitializeAsync() => _host = await EchoHost.StartAsync(_authority.Issue(Server), PeerAuthenticationMode.Strict);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _authority.Dispose();
    }

    [Theory]
    [MemberData(nameof(Identities))]
    public async Task A_name_that_is_no_identity_of_the_mesh_is_nobodys(string uri) => Assert.Equal("refused", (await CallAsync(_authority.Issue(uri))).Text);

    [Fact]
    public async Task Two_identities_are_none() =>
        Assert.Equal("refused", (await CallAsync(_authority.Issue(Client, new MeshTestCertificateOptions { Uris = ["spiffe://cluster.local/ns/web/sa/admin"] }))).Text);

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task A_subject_stays_within_its_quotes(string subject)
    {
        var client = _authority.Issue(Client, new MeshTestCertificateOptions { Subject = subject });

        var text = (await CallAsync(client)).Text;

        var match = Forwarded().Match(text);
        Assert.True(match.Success, text);
        Assert.Equal((Server, Client), (match.Groups["by"].Value, match.Groups["uri"].Value));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(client.Certificate.RawData)), match.Groups["hash"].Value);
    }

    // The grammar of the header: what is quoted ends at the first quote without a backslash before it, and nothing of it is a control or beyond ASCII.
    [GeneratedRegex("""^\S+ HTTP/1\.1 By=(?<by>[^;,="]*);Hash=(?<hash>[0-9a-f]{64});Subject="(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*";URI=(?<uri>[^;,="]*)$""")]
    private static partial Regex Forwarded();

    private Task<Answer> CallAsync(MeshTestCertificate client) => Refusal.OrAnswerAsync(async () =>
    {
        await using var tls = await Dial.TlsAsync(_host.Mixed, client, protocols: "http/1.1");
        return await Http1.GetAsync(tls, "/certificate");
    });
}
