using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>Objects that no reader should let through: an entry of a list that is null makes the compiler itself fail.</summary>
public sealed class FaultTests
{
    private static readonly HttpRoute Broken = Given.Route("r", "a", Given.Rule(Given.Backend("b", 2)), null!);

    [Fact]
    public void Service_keeps_its_last_model_and_says_so()
    {
        var store = Given.Store(Given.Service("a"), Given.Service("b"), Given.Route("r", "a", Given.Rule(Given.Backend("b", 1))));
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        snapshot = compiler.Recompile(snapshot, store, store.Apply([Broken], []));
        Assert.Equal(1, snapshot.Frontend("a").Routes.Rules[0].Backends.Backends[0].Weight);
        Assert.Equal(["Error InternalFault"], snapshot.Service("a").Diagnostics.Codes());
        Assert.Empty(snapshot.Service("b").Diagnostics);
    }

    [Fact]
    public void Service_without_a_last_model_answers_500_under_all_its_names()
    {
        var snapshot = Given.Snapshot(Given.Service("a", "80", "x:81"), Given.Service("b"), Broken);
        var service = snapshot.Service("a");
        Assert.Equal(4, service.Hosts.Length);
        Assert.Equal([80, 81], service.Frontends.Select(frontend => frontend.Id.Port));
        Assert.All(service.Frontends, frontend => Assert.Equal(500, frontend.Routes.Rules[frontend.Routes.Matches[0].Rule].Failure!.Status));
        Assert.Equal(["Error InternalFault"], snapshot.AllDiagnostics().Codes());
    }

    [Fact]
    public void Empty_specs_and_null_entries_are_survived()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a") with { Spec = null! },
            Given.Route("r1", "a") with { Spec = null! },
            Given.Route("r2", [null!, Given.Parent("b")], null!, Given.Rule((HttpBackendRef)null!)),
            Given.Policy("p", "a", "RANDOM") with { Spec = null! },
            Given.Service("b") with { Spec = new ServiceSpec { Ports = [null!] } },
            Given.Slice("s", "b", 80, (SliceEndpoint)null!));
        Assert.Equal(["ns/a", "ns/b"], snapshot.Services.Keys.Select(id => id.ToString()).Order());
    }
}
