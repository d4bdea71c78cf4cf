using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>References from one namespace into another, where they need a grant.</summary>
public sealed class GrantTests
{
    private static readonly CompilerOptions Enforce = new() { EnforcesGrants = true };

    private static readonly Resource[] Mesh =
    [
        Given.Service("a"), Given.Service("near"), Given.Service("far/b"), Given.Service("far/c"),
        Given.Route("r", "a", Given.Rule(Given.Backend("far/b")), Given.Rule(Given.Backend("near"), Given.Backend("far/c"))),
    ];

    [Fact]
    public void They_are_ignored_by_default()
    {
        var snapshot = Given.Snapshot(Mesh);
        Assert.Equal("- | - -", Failures(snapshot));
    }

    public static TheoryData<object?, string> Grants => new()
    {
        { null, "RefNotPermitted | - RefNotPermitted" },
        { Given.Grant("far/g", "HTTPRoute ns", "Service"), "- | - -" },
        { Given.Grant("far/g", "HTTPRoute ns", "Service b"), "- | - RefNotPermitted" },

        // As the specification's own list of grants that nearly fit.
        { From(static source => source with { Group = "" }), "RefNotPermitted | - RefNotPermitted" },
        { From(static source => source with { Kind = "Gateway" }), "RefNotPermitted | - RefNotPermitted" },
        { From(static source => source with { Kind = "GRPCRoute" }), "RefNotPermitted | - RefNotPermitted" },
        { From(static source => source with { Namespace = "other" }), "RefNotPermitted | - RefNotPermitted" },
        { To(static target => target with { Group = "apps" }), "RefNotPermitted | - RefNotPermitted" },
        { To(static target => target with { Kind = "Secret" }), "RefNotPermitted | - RefNotPermitted" },
        { To(static target => target with { Name = "nowhere" }), "RefNotPermitted | - RefNotPermitted" },
        { Given.Grant("ns/g", "HTTPRoute ns", "Service"), "RefNotPermitted | - RefNotPermitted" },
        { Given.Grant("far/g", "HTTPRoute ns", "Service") with { Spec = null! }, "RefNotPermitted | - RefNotPermitted" },
    };

    [Theory]
    [MemberData(nameof(Grants))]
    public void Exactly_what_a_grant_names_is_permitted(object? grant, string expected)
    {
        var snapshot = Given.Compiler(Enforce).Compile(Given.Store(grant is ReferenceGrant given ? [.. Mesh, given] : Mesh));
        Assert.Equal(expected, Failures(snapshot));
        if (expected.Contains("RefNotPermitted", StringComparison.Ordinal))
        {
            Assert.Contains(snapshot.Service("a").Diagnostics, static d => d is { Code: "RefNotPermitted", Severity: DiagnosticSeverity.Error, Subject: "HTTPRoute ns/r" });
        }
    }

    [Fact]
    public void Any_pair_of_one_grant_counts_and_the_pairs_of_two_do_not_add_up()
    {
        var one = Given.Grant("far/g", "HTTPRoute other", "Secret");
        one = one with { Spec = new ReferenceGrantSpec { From = one.Spec.From!.Value.Add(From("HTTPRoute", "ns")), To = one.Spec.To!.Value.Add(new ReferenceGrantTo { Kind = "Service", Name = "c" }) } };
        Assert.Equal("RefNotPermitted | - -", Failures(Given.Compiler(Enforce).Compile(Given.Store([.. Mesh, one]))));
        Resource[] two = [Given.Grant("far/g", "HTTPRoute ns", "Secret"), Given.Grant("far/h", "HTTPRoute other", "Service")];
        Assert.Equal("RefNotPermitted | - RefNotPermitted", Failures(Given.Compiler(Enforce).Compile(Given.Store([.. Mesh, .. two]))));
    }

    [Fact]
    public void A_grant_that_comes_or_goes_touches_what_it_concerns()
    {
        var store = Given.Store([.. Mesh, Given.Service("else"), Given.Route("s", "else", Given.Rule(Given.Backend("near")))]);
        var compiler = Given.Compiler(Enforce);
        var snapshot = compiler.Compile(store);
        var grant = Given.Grant("far/g", "HTTPRoute ns", "Service");

        var dirty = store.Apply([grant], []);
        Assert.Equal(["ns/a"], dirty.Select(static id => id.ToString()));
        snapshot = compiler.Recompile(snapshot, store, dirty);
        Assert.Equal("- | - -", Failures(snapshot));

        dirty = store.Apply([], [grant.Key]);
        Assert.Equal(["ns/a"], dirty.Select(static id => id.ToString()));
        Assert.Equal("RefNotPermitted | - RefNotPermitted", Failures(compiler.Recompile(snapshot, store, dirty)));
        Assert.Empty(store.Apply([Given.Grant("far/g", "HTTPRoute elsewhere", "Service")], []));
    }

    [Fact]
    public void Parents_need_no_grant()
    {
        var snapshot = Given.Compiler(Enforce, "ns").Compile(Given.Store(
            Given.Service("far/a"), Given.Service("b"), Given.Route("mine", "far/a", Given.Rule(Given.Backend("b")))));
        Assert.Equal(RouteScope.Consumer, snapshot.Frontend("far/a").Scope);
        Assert.Null(snapshot.Frontend("far/a").Routes.Rules[0].Backends.Backends[0].Failure);
    }

    [Fact]
    public void Grants_that_nobody_could_read_are_not_taken_for_absent()
    {
        var store = Given.Store([.. Mesh, Given.Grant("far/g", "HTTPRoute ns", "Service b")]);
        var compiler = Given.Compiler(Enforce);
        var snapshot = compiler.Compile(store);
        snapshot = compiler.Recompile(snapshot, store, compiler.Apply(store, [new("ReferenceGrant", "far", null, "grant list on it")]));
        Assert.Equal("- | - PolicyUnknown", Failures(snapshot));
        Assert.Equal(503, snapshot.Frontend("a").Routes.Rules[1].Backends.Backends[1].Failure!.Status);
    }

    [Fact]
    public void Services_that_are_mirrored_to_are_looked_at_too()
    {
        var mirror = new HttpRouteFilter { Type = "RequestMirror", RequestMirror = new HttpRequestMirrorFilter { BackendRef = Given.Backend("far/b") } };
        var store = Given.Store(
            Given.Service("a"), Given.Service("near"),
            Given.Route("r", "a", Given.Rule(Given.Backend("near")) with { Filters = [mirror] }),
            Given.Route("s", "near", Given.Rule(Given.Backend("near") with { Filters = [mirror] })));
        Assert.Equal(["far/b", "ns/a", "ns/near"], store.Apply([Given.Service("far/b")], []).Select(static id => id.ToString()).Order());
        Assert.Equal(["ns/a", "ns/near"], store.Apply([Given.Grant("far/g", "HTTPRoute ns", "Service")], []).Select(static id => id.ToString()).Order());
    }

    private static ReferenceGrant From(Func<ReferenceGrantFrom, ReferenceGrantFrom> change)
    {
        var grant = Given.Grant("far/g", "HTTPRoute ns", "Service");
        return grant with { Spec = grant.Spec with { From = [change(grant.Spec.From!.Value[0])] } };
    }

    private static ReferenceGrantFrom From(string kind, string ns) => new() { Group = "gateway.networking.k8s.io", Kind = kind, Namespace = ns };

    private static ReferenceGrant To(Func<ReferenceGrantTo, ReferenceGrantTo> change)
    {
        var grant = Given.Grant("far/g", "HTTPRoute ns", "Service");
        return grant with { Spec = grant.Spec with { To = [change(grant.Spec.To!.Value[0])] } };
    }

    private static string Failures(MeshSnapshot snapshot) => string.Join(
        " | ",
        snapshot.Frontend("a").Routes.Rules.Select(static rule => string.Join(' ', rule.Backends.Backends.Select(static backend => backend.Failure?.Reason ?? "-"))));
}
