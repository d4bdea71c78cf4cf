using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.AspNetCore.Tests.Requests;

/// <summary>Whoever reads the log finds the policies that have refused a request, and what it was a request for.</summary>
public sealed class PolicyReasonTests
{
    private const string Nowhere = "action: ALLOW, rules: [{ to: [{ operation: { paths: [/nowhere] } }] }]";

    [Theory]
    [InlineData(1, "the ALLOW policy shop/p1 does not match it")]
    [InlineData(2, "none of the ALLOW policies shop/p1, shop/p2 matches it")]
    [InlineData(5, "none of the ALLOW policies shop/p1, shop/p2, shop/p3, shop/p4, shop/p5 matches it")]
    [InlineData(7, "none of the ALLOW policies shop/p1, shop/p2, shop/p3, shop/p4, shop/p5 and 2 more matches it")]
    public async Task What_nothing_allows_names_what_might_have(int count, string reason) =>
        Assert.Equal(
            $"Refused GET /orders for orders.shop:8080 at port 8080, of a caller without identity at 10.1.2.3: {reason}",
            await RefusalAsync([.. Enumerable.Range(1, count).Select(static i => AuthorizationPolicies.Of($"p{i}", Nowhere))]));

    [Fact]
    public async Task What_is_denied_names_the_policy_and_its_rule() =>
        Assert.EndsWith(
            ": AuthorizationPolicy shop/closed refuses it by spec.rules[1]",
            await RefusalAsync(AuthorizationPolicies.Of(
                "closed", "action: DENY, rules: [{ to: [{ operation: { paths: [/nowhere] } }] }, { to: [{ operation: { paths: [/orders] } }] }]")),
            StringComparison.Ordinal);

    private static async Task<string> RefusalAsync(params string[] policies)
    {
        using var logs = new FakeLoggerProvider();
        var source = new InMemorySource();
        source.Apply(string.Concat(policies));
        await using var host = await MemoryHost.StartAsync(
            mesh: options => options.InMemory = source, before: services => services.AddLogging(log => log.AddProvider(logs)));

        var answer = await host.Server.SendAsync("/orders", MemoryServer.Connection(), static (request, _) => request.Headers.Host = "orders.shop:8080");

        Assert.Equal((403, "RBAC: access denied"), (answer.Status, answer.Body));
        return Assert.Single(logs.Collector.GetSnapshot(), static line => line.Level == LogLevel.Information && line.Id.Name == "RequestRefused").Message;
    }
}
