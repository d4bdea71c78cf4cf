using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http;

/// <summary>What servers believe of a mesh does not come from an application that merely writes it down.</summary>
public sealed class ForwardedHeadersTests
{
    private readonly List<bool> _clean = [];

    private const string Forged = "By=spiffe://cluster.local/ns/a/sa/admin;Hash=00;URI=spiffe://cluster.local/ns/a/sa/admin";

    public static TheoryData<string> Names => ["x-forwarded-client-cert", "X-Forwarded-Client-Cert", "X-FORWARDED-CLIENT-CERT"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_certificate_that_the_application_claims_to_have_seen_never_leaves_and_stays_on_its_message(string name)
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = new StringContent("body") };
        request.Headers.TryAddWithoutValidation(name, [Forged, "another"]);
        request.Headers.TryAddWithoutValidation("x-other", "kept");
        request.Content.Headers.TryAddWithoutValidation(name, "a third");
        var before = MessageSnapshot.Of(request);

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.DoesNotContain("x-forwarded-client-cert", echo.Headers.Keys);
        Assert.Equal(("kept", "body"), (echo.Headers["x-other"], echo.Body));
        Assert.Equal(before, MessageSnapshot.Of(request));
    }

    [Fact]
    public async Task Nor_does_it_from_a_client_that_has_it_by_default_and_under_a_rule_that_retries_and_mirrors()
    {
        var rule = RuledMesh.Rule(retry: RuledMesh.Retry(2, 503)) with { Filters = [new MirrorFilter(new BackendModel(Snapshots.Cluster("shadow"), 1), 1, 1)] };
        await using var mesh = await RuledMesh.StartAsync(
            rule, Answer, 2, null, others: Snapshots.Service("shadow", new System.Net.IPEndPoint(new System.Net.IPAddress([10, 9, 0, 1]), 80)));
        mesh.Client.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-Client-Cert", Forged);
        var call = mesh.GetAsync();
        await mesh.PassAsync(call);
        await mesh.SentAsync(4);

        Assert.Equal([true, true, true, true], _clean);

        Task<HttpResponseMessage> Answer(Sent sent, CancellationToken cancellationToken)
        {
            lock (_clean)
            {
                _clean.Add(!sent.Request.Headers.Contains("x-forwarded-client-cert"));
            }

            return Task.FromResult(ScriptedTransport.Response(503));
        }
    }

        [Fact]
    public async Task In_plaintext_the_scheme_is_not_told()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        Assert.DoesNotContain("x-forwarded-proto", (await Echo.ReadAsync(await client.GetAsync("http://backend/"))).Headers.Keys);
    }
}
