using System.Net;
using MeshSdk.AspNetCore.Authorization;

namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>What a decision costs.</summary>
public sealed class AuthorizationBudgetTests
{
    private const int Runs = 20_000;

    // Far below a byte for each run, and far above what the runtime may do in between.
    private const long Bound = 8_000;

    [Theory]
    [InlineData("B GET /data?x=1")]
    [InlineData("X POST /data")]
    [InlineData("B GET /x/..%2f/%64ata/%C3%A9/../a\\b?x")]
    [InlineData("B get http://example.com/x/../data%2fx example.com")]
    public void A_decision_allocates_nothing(string call)
    {
        var policies = new AuthorizationCase(
            "D: namespaces=q*x,a*b*c notServiceAccounts=qux/cli ipBlocks=10.0.0.0/8 && D: paths=/admin*,/x/{*}/{**} && A: methods=GET,P* paths=/data hosts=*.com,a.* notPorts=1 && A: principals=*/none",
            call);
        var (model, _) = CompiledPolicies.Of(policies.Manifests(8080));
        var subject = AuthorizationTableTests.CallOf(policies);
        var mapped = new InboundCall
        {
            Caller = subject.Caller, Address = IPAddress.Parse("::ffff:10.1.2.3"), Port = subject.Port, Method = subject.Method, Host = subject.Host, Target = subject.Target, Path = subject.Path,
        };
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(Runs);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bound);

        void Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                AuthorizationEngine.Decide(model, subject);
                AuthorizationEngine.Decide(model, mapped);
            }
        }
    }
}
