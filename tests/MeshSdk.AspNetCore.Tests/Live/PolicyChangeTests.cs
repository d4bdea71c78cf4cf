using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Live;

/// <summary>Policies come and go; the next request on the same connection goes by what is in force.</summary>
public sealed class PolicyChangeTests
{
    private const string Client = "spiffe://cluster.local/ns/web/sa/client";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Requests_on_one_connection_go_by_the_policies_of_their_time(bool isSecure)
    {
        using var authority = new MeshCertificateAuthority();
        var client = authority.Issue(Client);
        await using var host = await EchoHost.StartAsync(authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"));
        await using var kept = new KeptConnection(isSecure ? await Dial.TlsAsync(host.Mixed, client, protocols: "http/1.1") : await Dial.PlaintextAsync(host.Mixed));
        var id = (await kept.GetAsync("/connection"))?.Body;
        Assert.NotNull(id);

        for (var i = 0; i < 3; i++)
        {
            host.Source.Apply(AuthorizationPolicies.Of("closed", "action: DENY, rules: [{ to: [{ operation: { paths: [/a] } }] }]"));
            await BecomesAsync("/a", 403);
            Assert.Equal(200, (await kept.GetAsync("/b"))?.Status);

            host.Source.Apply(AuthorizationPolicies.Of("nobody", ""));
            await BecomesAsync("/b", 403);

            host.Source.Apply(AuthorizationPolicies.Of("everybody", "rules: [{}]"));
            await BecomesAsync("/b", 200);
            Assert.Equal(403, (await kept.GetAsync("/a"))?.Status);

            foreach (var name in (string[])["everybody", "nobody", "closed"])
            {
                Assert.True(host.Source.Delete("AuthorizationPolicy", "shop", name));
            }

            await BecomesAsync("/a", 200);
            await BecomesAsync("/b", 200);
        }

        Assert.Equal(id, (await kept.GetAsync("/connection"))?.Body);

        Task BecomesAsync(string path, int status) =>
            Eventually.HoldsAsync(async () => (await kept.GetAsync(path) ?? throw new IOException("the connection has ended")).Status == status, $"{path} is {status}");
    }
}
