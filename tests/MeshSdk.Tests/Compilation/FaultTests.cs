using System.Text.Json;
using CsCheck;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>Objects that no reader should let through, and such as make the compiler itself fail.</summary>
public sealed class FaultTests
{
    // No text of an object leads to this: a field whose memory has been given back.
    private static readonly HttpRoute Broken = Given.Route("r", "a", Given.Rule(Given.Backend("b", 2)) with { SessionPersistence = Disposed() });

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

    [Fact]
    public void Of_a_list_only_the_entry_that_is_null_is_lost()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Service("b"),
            Given.Route(
                "r", [null!, Given.Parent("a")],
                null!,
                new HttpRouteRule { Matches = [null!, Given.Path("/one")], BackendRefs = [Given.Backend("b"), null!] },
                new HttpRouteRule { Matches = [new HttpRouteMatch { Headers = [null!] }], BackendRefs = [Given.Backend("b")] },
                new HttpRouteRule { Matches = [new HttpRouteMatch { QueryParams = [null!] }, Given.Path("/two")], BackendRefs = [Given.Backend("b")] }),
            Given.GrpcRoute(
                "g", "a", null!, new GrpcRouteRule { Matches = [null!], BackendRefs = [Given.Backend("b")] }, Given.GrpcRule(Given.Backend("b"))));
        var table = snapshot.Frontend("a").Routes;
        Assert.Equal(["1 /one", "3 /two"], table.Matches.Select(match => $"{table.Rules[match.Rule].Index} {match.Path.Value}"));
        Assert.Equal([null, "BackendNotFound"], table.Rules[0].Backends.Backends.Select(static backend => backend.Failure?.Reason));
        Assert.Equal([2], snapshot.Frontend("a").Grpc!.Routes.Rules.Select(static rule => rule.Index));
        Assert.Equal(
            [
                "Error PartiallyInvalid spec.rules[0]",
                "Error UnsupportedValue spec.rules[1].matches[0]",
                "Error BackendNotFound spec.rules[1].backendRefs[1].name",
                "Error UnsupportedValue spec.rules[2].matches[0].headers[0]",
                "Error PartiallyInvalid spec.rules[2]",
                "Error UnsupportedValue spec.rules[3].matches[0].queryParams[0]",
            ],
            snapshot.AllDiagnostics().Where(static d => d.Subject == "HTTPRoute ns/r").ToArray().Codes());
    }

    [Fact]
    public void Nothing_that_an_object_holds_makes_the_compiler_fail() =>
        Check.Sample(
            RandomRoutes.Any.Array[0, 20],
            static resources => Assert.DoesNotContain(Given.Snapshot(resources).AllDiagnostics(), static d => d.Code == "InternalFault"),
            iter: 500);

    private static JsonElement Disposed()
    {
        using var document = JsonDocument.Parse("{}");
        return document.RootElement;
    }
}
