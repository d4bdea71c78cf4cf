using System.Net;
using MeshSdk.AspNetCore.Authorization;

namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>The table of cases, decided without a server.</summary>
public sealed class AuthorizationTableTests
{
    private const int Port = 8080;

    public static TheoryData<string, string, bool> Cases => [.. AuthorizationCases.All.Select(static row => new TheoryDataRow<string, string, bool>(row.Policies, row.Call, row.Allowed))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Calls_are_decided_as_policies_say(string policies, string call, bool allowed)
    {
        var subject = new AuthorizationCase(policies, call);
        var verdict = AuthorizationEngine.Decide(CompiledPolicies.Of(subject.Manifests(Port)).Model, CallOf(subject));

        Assert.Equal(allowed, verdict.IsAllowed);
    }

    /// <summary>A WebSocket over HTTP/2 is a GET to a proxy, and comes as CONNECT with a path; without one it is a tunnel.</summary>
    [Theory]
    [InlineData("A: methods=GET paths=/ws", "B CONNECT /ws", true)]
    [InlineData("A: methods=CONNECT", "B CONNECT /ws", false)]
    [InlineData("A: notMethods=GET", "B CONNECT /ws", false)]
    [InlineData("A: notMethods=CONNECT", "B CONNECT /ws", false)]
    [InlineData("D: methods=GET", "B CONNECT /ws", false)]
    [InlineData("D: methods=CONNECT", "B CONNECT /ws", false)]
    [InlineData("D: methods=GET", "B CONNECT example.com:443", true)]
    [InlineData("A: methods=CONNECT", "B CONNECT example.com:443", true)]
    [InlineData("A: paths=*", "B CONNECT example.com:443", false)]
    [InlineData("A: notPaths=/a", "B CONNECT example.com:443", true)]
    [InlineData("D: notPaths=/a", "B CONNECT example.com:443", false)]
    public void Tunnels_are_told_from_web_sockets(string policies, string call, bool allowed) => Calls_are_decided_as_policies_say(policies, call, allowed);

    /// <summary>A word that nobody knows may stand for any of them. Not over the wire: a mesh that has read one it knows keeps that.</summary>
    [Theory]
    [InlineData("D: paths=/data", "B GET //data", false)]
    [InlineData("D: paths=/data", "B GET /data", false)]
    [InlineData("D: paths=/data", "B GET /other", true)]
    [InlineData("D: paths=/a/b", "B GET /a%2fb", false)]
    [InlineData("A: paths=/data", "B GET /data", true)]
    [InlineData("A: paths=/x//data,/x/data", "B GET /x//data", false)]
    [InlineData("A: notPaths=/data", "B GET //data", false)]
    [InlineData("D: notPaths=/x//data,/x/data", "B GET /x//data", false)]
    public void A_normalization_that_nobody_knows_may_be_any(string policies, string call, bool allowed) =>
        Calls_are_decided_as_policies_say($"mesh: {{pathNormalization: {{normalization: OTHER}}}} && {policies}", call, allowed);

    [Fact]
    public void No_case_stands_there_twice() =>
        Assert.DoesNotContain(AuthorizationCases.All.CountBy(static row => (row.Policies, row.Call)), static count => count.Value > 1);

    [Fact]
    public void A_refusal_names_the_policy_and_the_rule()
    {
        var (model, _) = CompiledPolicies.Of(new AuthorizationCase("D: [{to: [{operation: {methods: [POST]}}]}, {}]", "B GET /").Manifests(Port));

        Assert.Equal(new AuthorizationVerdict(false, "AuthorizationPolicy foo/p0", 1), AuthorizationEngine.Decide(model, CallOf(new("", "B GET /"))));
    }

    internal static InboundCall CallOf(AuthorizationCase subject) => new()
    {
        Caller = SpiffeId.TryParse(subject.Caller, out var id) ? id : null,
        Address = IPAddress.Loopback,
        Port = Port,
        Method = subject.Method,
        Host = subject.Host,
        Target = subject.Target,
        Path = KestrelPath.Of(subject.Target),
    };
}
