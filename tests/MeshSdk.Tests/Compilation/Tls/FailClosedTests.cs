using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Tls;

/// <summary>
/// Plaintext goes out only where DISABLE says so, or where no destination rule states a mode, there is no identity to wait for, and nothing is STRICT. Every
/// other cell is mutual TLS or a call that is refused. Whether an identity that there is to be has come is the data plane's question.
/// </summary>
public sealed class FailClosedTests
{
    private static readonly string[] Modes = ["-", "UNSET", "PERMISSIVE", "STRICT", "DISABLE"];
    private static readonly string[] Rules = ["-", "ISTIO_MUTUAL", "unbuildable", "unreadable"];

    public static IEnumerable<TheoryDataRow<bool, MeshAutoMtls, string, string, string>> Matrix() =>
        from identity in new[] { true, false }
        from auto in new[] { MeshAutoMtls.WhenIdentity, MeshAutoMtls.Require }
        from mode in Modes
        from rule in Rules
        select new TheoryDataRow<bool, MeshAutoMtls, string, string, string>(identity, auto, mode, rule, Expected(identity || auto == MeshAutoMtls.Require, mode, rule));

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Every_cell_is_closed_but_those_that_are_open_by_word_or_by_default(bool identity, MeshAutoMtls auto, string mode, string rule, string expected)
    {
        var snapshot = TlsObjects.Compile(new CompilerOptions { HasIdentity = identity, AutoMtls = auto }, Objects(mode, rule));
        var cluster = snapshot.Cluster("a");
        var endpoint = Assert.Single(cluster.Endpoints);
        Assert.Equal(
            expected,
            endpoint.Tls == TlsMode.None ? "plaintext"
            : cluster.Tls!.Fault is not null || endpoint.Withheld is not null ? "refused"
            : endpoint.Tls == TlsMode.Istio && !endpoint.SubjectAltNames.IsEmpty ? "mutual TLS"
            : "open");
        Assert.Equal(
            expected == "plaintext" && mode != "DISABLE",
            snapshot.Diagnostics.Any(static d => d is { Code: "PlaintextForWantOfIdentity", Severity: DiagnosticSeverity.Warning, Subject: "MeshSdk" }));
    }

    public static IEnumerable<TheoryDataRow<bool, string, string, string>> Unknown() =>
        from identity in new[] { true, false }
        from what in new[] { "pods", "peers", "peers of the mesh" }
        from mode in Modes
        select new TheoryDataRow<bool, string, string, string>(identity, what, mode, (identity, what, mode) switch
        {
            (_, "pods", "STRICT") => "withheld",
            (_, "pods", "DISABLE") => "plaintext",
            (true, "pods", _) => "withheld",
            (false, "pods", _) => "plaintext",

            // The pod says that it can do it: whatever else may be said, a handshake is never worse than plaintext.
            (true, _, _) => "mutual TLS",
            (false, _, _) => "withheld",
        });

    [Theory]
    [MemberData(nameof(Unknown))]
    public void What_is_not_known_is_never_taken_for_permission(bool identity, string what, string mode, string expected)
    {
        var store = Given.Store(what == "pods" ? [.. Objects(mode, "-").Where(static o => o is not Pod)] : Objects(mode, "-"));
        var compiler = Given.Compiler(new CompilerOptions { HasIdentity = identity });
        compiler.Apply(store, [what switch
        {
            "pods" => new("Pod", "ns", null, "grant list on pods"),
            "peers" => new("PeerAuthentication", "ns", null, "grant list on peerauthentications"),
            _ => new("PeerAuthentication", "istio-system", null, "grant list on peerauthentications"),
        }]);
        var snapshot = compiler.Compile(store);
        var endpoint = Assert.Single(snapshot.Cluster("a").Endpoints);
        Assert.Equal(expected, endpoint.Tls == TlsMode.None ? "plaintext" : endpoint.Withheld is null ? "mutual TLS" : "withheld");
        if (endpoint.Withheld is { } reason)
        {
            Assert.EndsWith(what == "pods" ? "grant list on pods" : "grant list on peerauthentications", reason, StringComparison.Ordinal);
            Assert.Contains(
                snapshot.Service("a").Diagnostics, d => d is { Code: "EndpointsWithheld", Severity: DiagnosticSeverity.Error } && d.Message.Contains(reason, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("None", true, "Istio, Istio withheld, Istio withheld")]
    [InlineData("None", false, "Istio withheld, Istio withheld, Istio withheld")]
    [InlineData("PASSTHROUGH", true, "Istio, Istio withheld, Istio withheld")]
    [InlineData("PASSTHROUGH", false, "Istio withheld, Istio withheld, Istio withheld")]
    public void One_that_cannot_do_TLS_is_no_reason_for_plaintext_where_policies_are_not_known(string kind, bool identity, string expected)
    {
        var service = Given.Service("a");
        var store = Given.Store(
        [
            kind == "None" ? service with { Spec = service.Spec with { ClusterIP = "None", ClusterIPs = ["None"] } } : service,
            Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1"), Given.Endpoint("10.0.0.2", pod: "b-1"), Given.Endpoint("10.0.0.3")),
            TlsObjects.MeshPod("a-1", "10.0.0.1"), TlsObjects.MeshPod("b-1", "10.0.0.2", mode: null),
            .. kind == "None" ? Array.Empty<Resource>() : [Given.Policy("r", "a", kind)],
        ]);
        var compiler = Given.Compiler(new CompilerOptions { HasIdentity = identity });
        compiler.Apply(store, [new("PeerAuthentication", "ns", null, "grant list on peerauthentications")]);
        var endpoints = compiler.Compile(store).Cluster("a").Endpoints;
        Assert.Equal(expected, string.Join(", ", endpoints.Select(static e => e.Tls + (e.Withheld is null ? "" : " withheld"))));
    }

    [Theory]
    [InlineData("-", "plaintext")]
    [InlineData("ns/n DISABLE", "plaintext")]
    [InlineData("ns/n STRICT", "withheld")]
    [InlineData("ns/w STRICT", "withheld")]
    [InlineData("ns/w DISABLE", "plaintext")]
    public void A_pod_that_is_not_known_may_be_any_that_a_policy_selects(string policy, string expected)
    {
        var parts = policy.Split(' ');
        Resource[] objects = policy == "-" ? [] : [TlsObjects.Peers(parts[0], parts[1], parts[0] == "ns/w" ? "app=whatever" : null)];
        var endpoint = TlsObjects.Compile(CompilerOptions.Default, [.. Service, .. objects]).Cluster("a").Endpoints[0];
        Assert.Equal(expected, endpoint.Withheld is not null ? "withheld" : endpoint.Tls == TlsMode.None ? "plaintext" : "mutual TLS");
    }

    [Theory]
    [InlineData("-", true, "None")]
    [InlineData("STRICT", true, "withheld")]
    [InlineData("STRICT", false, "withheld")]
    [InlineData("STRICT app=whatever", true, "withheld")]
    [InlineData("STRICT app=whatever", false, "withheld")]
    [InlineData("PERMISSIVE app=whatever", true, "None")]
    [InlineData("DISABLE", false, "None")]
    public void An_endpoint_that_is_no_pod_is_called_in_plaintext_unless_that_is_forbidden(string mode, bool identity, string expected)
    {
        Resource[] policy = mode == "-" ? [] : [TlsObjects.Peers("n", mode.Split(' ')[0], mode.Split(' ').ElementAtOrDefault(1))];
        var endpoint = TlsObjects.Compile(
            new CompilerOptions { HasIdentity = identity }, [Given.Service("a"), Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1")), .. policy]).Cluster("a").Endpoints[0];
        Assert.Equal(expected, endpoint.Withheld is not null ? "withheld" : endpoint.Tls.ToString());
    }

    [Fact]
    public void A_mesh_that_shows_no_sign_of_Istio_warns_of_nothing() =>
        Assert.Empty(TlsObjects.Compile(CompilerOptions.Default, Service).AllDiagnostics());

    [Fact]
    public void Pods_that_are_not_read_are_no_reason_to_keep_silent_in_a_mesh_of_Istio() =>
        Assert.Equal(
            ["Warning PlaintextForWantOfIdentity"],
            TlsObjects.Compile(CompilerOptions.Default, [.. Service, TlsObjects.MeshConfig("trustDomain: td")]).AllDiagnostics().Codes());

    [Fact]
    public void However_many_services_there_are_it_is_told_once_with_those_of_unknown_pods()
    {
        var names = new[] { "b", "c", "d" };
        var store = Given.Store([.. Service, .. names.SelectMany(static n => new Resource[] { Given.Service(n), Given.Slice(n, n, 8080, Given.Endpoint("10.0.0.2", pod: $"{n}-1")) })]);
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        Assert.Empty(snapshot.AllDiagnostics());

        // One pod that can do it shows what mesh this is.
        snapshot = compiler.Recompile(snapshot, store, store.Apply([TlsObjects.MeshPod("d-1", "10.0.0.2")], []));
        var told = Assert.Single(snapshot.AllDiagnostics());
        Assert.StartsWith("calls to 4 Services are sent in plaintext (ns/a, ns/b, ns/c, …), since", told.Message, StringComparison.Ordinal);

        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [new("Service", "ns", "b")]));
        Assert.StartsWith("calls to 3 Services are sent in plaintext (ns/a, ns/c, ns/d), since", Assert.Single(snapshot.AllDiagnostics()).Message, StringComparison.Ordinal);
        Assert.Equal(Given.Compiler().Compile(store).AllDiagnostics(), snapshot.AllDiagnostics());

        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [new("Service", "ns", "d")]));
        Assert.Empty(snapshot.AllDiagnostics());
    }

    private static Resource[] Service => [Given.Service("a"), Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1"))];

    private static string Expected(bool identity, string mode, string rule) => rule switch
    {
        "ISTIO_MUTUAL" => "mutual TLS",
        "unbuildable" or "unreadable" => "refused",
        _ when mode == "DISABLE" => "plaintext",
        _ => identity || mode == "STRICT" ? "mutual TLS" : "plaintext",
    };

    private static Resource[] Objects(string mode, string rule) =>
    [
        .. Service, TlsObjects.MeshPod("a-1", "10.0.0.1"),
        .. mode == "-" ? [] : new Resource[] { TlsObjects.Peers("n", mode) },
        .. rule switch
        {
            "-" => Array.Empty<Resource>(),
            "unbuildable" => [TlsObjects.Rule("MUTUAL")],
            "unreadable" => [TlsObjects.Rule(ClientTlsSettings.Unreadable)],
            _ => [TlsObjects.Rule(rule)],
        },
    ];
}
