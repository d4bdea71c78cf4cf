using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation.Policies;

/// <summary>Entries for ports that mean less than their authors think.</summary>
public sealed class PortEntryTests
{
    [Fact]
    public void An_entry_for_a_port_that_the_service_does_not_have_is_named_with_those_that_it_has()
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile(
            "{loadBalancer: {simple: RANDOM}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: ROUND_ROBIN}}, {port: {number: 5678}, loadBalancer: {simple: RANDOM}}]}");
        Assert.Equal(LoadBalancerKind.RoundRobin, cluster.LoadBalancer);
        Assert.Equal(["Warning TargetNotFound portLevelSettings[1].port.number"], diagnostics.Short());
        Assert.Contains("Service ns/a has no port 5678", diagnostics[0].Message, StringComparison.Ordinal);
        Assert.EndsWith("are 80", diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retryBudget: {percent: 30}")]
    [InlineData("proxyProtocol: {version: V2}")]
    [InlineData("tunnel: {protocol: CONNECT, targetHost: x, targetPort: 1}")]
    public void What_only_the_general_policy_can_state_is_not_dropped_without_a_word(string field)
    {
        var name = field.Split(':')[0];
        var (inEntry, ofEntry) = PolicyBlocks.Compile($"{{portLevelSettings: [{{port: {{number: 80}}, loadBalancer: {{simple: RANDOM}}, {field}}}]}}");
        Assert.Equal([$"Warning Ignored portLevelSettings[0].{name}"], ofEntry.Short());
        var (general, ofGeneral) = PolicyBlocks.Compile($"{{{field}, portLevelSettings: [{{port: {{number: 80}}, loadBalancer: {{simple: RANDOM}}}}]}}");
        Assert.Equal(["Warning Ignored portLevelSettings[0]"], ofGeneral.Short());
        Assert.Contains(name, ofGeneral[0].Message, StringComparison.Ordinal);
        Assert.All([inEntry, general], static cluster =>
        {
            Assert.Null(cluster.Limits.RetryShare);
            Assert.Equal(ProxyProtocol.None, cluster.Connections.ProxyProtocol);
        });
    }
}
