using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tests.Compilation.Tls;

namespace MeshSdk.Tests.Compilation.Inbound;

/// <summary>Which connections a process <c>app=a</c> of namespace <c>ns</c> takes, as the peer authentications for its own pod add up.</summary>
public sealed class InboundModeTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        // What it is about; policies as NAME MODE [SELECTOR [PORTS]], the oldest first; the modes, a dash for the server's own choice.
        { "nothing", "", "-" },
        { "mesh", "istio-system/m STRICT", "Strict" },
        { "mesh that sets nothing", "istio-system/m UNSET", "-" },
        { "mesh without mtls", "istio-system/m -", "-" },
        { "mesh with an empty selector", "istio-system/m STRICT ,", "Strict" },
        { "namespace", "ns/n DISABLE", "Disable" },
        { "namespace with an empty selector", "ns/n STRICT ,", "Strict" },
        { "another namespace", "other/n STRICT", "-" },
        { "namespace before mesh", "istio-system/m STRICT; ns/n PERMISSIVE", "Permissive" },
        { "namespace that sets nothing leaves it to the mesh", "istio-system/m STRICT; ns/n UNSET", "Strict" },
        { "nobody sets anything", "istio-system/m UNSET; ns/n -; ns/w UNSET app=a", "-" },
        { "workload before namespace", "ns/n STRICT; ns/w DISABLE app=a", "Disable" },
        { "workload before mesh", "istio-system/m DISABLE; ns/w STRICT app=a", "Strict" },
        { "workload of other pods", "ns/w STRICT app=b", "-" },
        { "workload of other pods leaves it to the namespace", "ns/n STRICT; ns/w DISABLE app=b", "Strict" },
        { "workload that needs more labels than there are", "ns/n PERMISSIVE; ns/w STRICT app=a,version=1", "Permissive" },
        { "workload that sets nothing leaves it to the namespace", "ns/n STRICT; ns/w UNSET app=a", "Strict" },
        { "oldest of a namespace", "ns/first PERMISSIVE; ns/second STRICT", "Permissive" },
        { "oldest of a namespace, also where it sets nothing", "ns/first UNSET; ns/second STRICT", "-" },
        { "oldest of the mesh", "istio-system/first DISABLE; istio-system/second STRICT", "Disable" },
        { "oldest for a workload", "ns/first DISABLE app=a; ns/second STRICT app=a 8080=STRICT", "Disable" },
        { "selector in the root namespace", "istio-system/w STRICT app=a 8080=STRICT", "-" },
        { "port", "ns/w PERMISSIVE app=a 8080=STRICT", "Permissive 8080=Strict" },
        { "ports", "ns/w STRICT app=a 8080=PERMISSIVE,9090=DISABLE", "Strict 8080=Permissive 9090=Disable" },
        { "port that sets nothing is as the workload", "ns/n DISABLE; ns/w STRICT app=a 8080=UNSET,9090=", "Strict" },
        { "port of a workload that sets nothing", "ns/n STRICT; ns/w UNSET app=a 8080=DISABLE", "Strict 8080=Disable" },
        { "port alone", "ns/w - app=a 8080=STRICT", "- 8080=Strict" },
        { "port of other pods", "ns/w PERMISSIVE app=b 8080=STRICT", "-" },
        { "ports of the oldest alone", "ns/first PERMISSIVE app=a 80=STRICT; ns/second PERMISSIVE app=a 8080=STRICT", "Permissive 80=Strict" },
        { "ports without a selector", "ns/n PERMISSIVE - 8080=STRICT", "Permissive" },
        { "ports of the mesh", "istio-system/m PERMISSIVE - 8080=STRICT", "Permissive" },
        { "port that is none", "ns/w PERMISSIVE app=a http=STRICT", "Permissive" },
        { "word that is none", "ns/n STRIKT", "Strict" },
        { "word that is none at a port", "ns/w PERMISSIVE app=a 8080=strict", "Permissive 8080=Strict" },
        { "policy that cannot be read", "ns/n UNREADABLE", "Strict" },
        { "policy for others that cannot be read", "ns/w UNREADABLE app=b", "-" },
    };

    public static TheoryData<string, string, string> CasesOfUnknownLabels => new()
    {
        { "nothing", "", "-" },
        { "mesh", "istio-system/m STRICT", "Strict" },
        { "namespace", "istio-system/m STRICT; ns/n DISABLE", "Disable" },
        { "strict workload", "ns/n PERMISSIVE; ns/w STRICT app=b", "Strict" },
        { "strict workload that is the younger one", "ns/v DISABLE app=a; ns/w STRICT app=b", "Strict" },
        { "workload that is less strict", "ns/n STRICT; ns/w PERMISSIVE app=b", "Strict" },
        { "workload that takes no TLS", "ns/n PERMISSIVE; ns/w DISABLE app=b", "Permissive" },
        { "workload that takes no TLS where nobody else says anything", "ns/w DISABLE app=b", "-" },
        { "workload that takes TLS in a namespace that does not", "ns/n DISABLE; ns/w PERMISSIVE app=b", "Permissive" },
        { "workload that sets nothing", "ns/n STRICT; ns/w UNSET app=b", "Strict" },
        { "workload in the root namespace", "istio-system/w STRICT app=b", "-" },
        { "port", "ns/n PERMISSIVE; ns/w PERMISSIVE app=b 8080=STRICT", "Permissive 8080=Strict" },
        { "port that is less strict than its workload", "ns/n PERMISSIVE; ns/w STRICT app=b 8080=DISABLE", "Strict 8080=Permissive" },
        { "port that is less strict than its namespace", "ns/n STRICT; ns/w PERMISSIVE app=b 8080=DISABLE", "Strict 8080=Strict" },
        { "port that is less strict than another workload", "ns/v STRICT app=a; ns/w PERMISSIVE app=b 8080=DISABLE", "Strict 8080=Strict" },
        { "ports of several", "ns/v - app=a 80=STRICT; ns/w - app=b 8080=STRICT", "- 80=Strict 8080=Strict" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_as_the_policies_for_the_own_pod_say(string what, string policies, string expected)
    {
        Assert.NotEmpty(what);
        var server = new Server();
        server.Apply(Policies(policies));
        Assert.Equal(expected, server.Modes);
        Assert.Null(server.Model.Unknown);
        Assert.All(server.Model.Ports.Values.Append(server.Model.Mode), static mode => Assert.True(mode is null || mode.Text.StartsWith("PeerAuthentication ", StringComparison.Ordinal)));

        // The same by the labels that the own pod turns out to have.
        server = new Server(labels: null, pod: "me");
        server.Apply([.. Policies(policies), Me("app=a")]);
        Assert.Equal(expected, server.Modes);
    }

    [Theory]
    [MemberData(nameof(CasesOfUnknownLabels))]
    public void Where_the_own_labels_are_not_known_the_strictest_of_what_may_apply_counts(string what, string policies, string expected)
    {
        Assert.NotEmpty(what);
        var server = new Server(labels: null);
        server.Apply(Policies(policies));
        Assert.Equal(expected, server.Modes);
        var doubted = policies.Split("; ", StringSplitOptions.RemoveEmptyEntries).Count(static policy => policy.StartsWith("ns/", StringComparison.Ordinal) && policy.Split(' ').Length > 2);
        Assert.Equal(doubted, server.Snapshot.Diagnostics.Count(static problem => problem.Code == DiagnosticCode.PolicyUnknown));
        Assert.All(
            server.Snapshot.Diagnostics.Where(static problem => problem.Code == DiagnosticCode.PolicyUnknown),
            static problem => Assert.Contains("(POD_NAME, or Mesh:PodName) and let it be read, or state them (Mesh:Labels)", problem.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ns/w STRICT app=a", "Strict")]
    [InlineData("ns/w STRICT app=a,version=2", "-")]
    [InlineData("ns/w STRICT version=1", "Strict")]
    [InlineData("ns/w STRICT version=2", "-")]
    [InlineData("ns/v DISABLE app=a; ns/w PERMISSIVE version=1", "Permissive")]
    [InlineData("ns/v DISABLE version=1; ns/w STRICT app=a", "Disable")]
    [InlineData("ns/v PERMISSIVE app=a 80=STRICT; ns/w PERMISSIVE version=1 80=DISABLE,81=DISABLE", "Permissive 80=Strict 81=Permissive")]
    public void A_pod_that_was_not_read_yet_may_have_more_labels_than_are_stated(string policies, string expected)
    {
        var server = new Server(labels: "version=1", pod: "me");
        server.Apply(Policies(policies));
        Assert.Equal(expected, server.Modes);

        // Then it is known to have no others.
        server.Apply(Me("app=b"));
        Assert.Empty(server.Problems);
        server = new Server(labels: "version=1");
        server.Apply(Policies("ns/w STRICT app=a"));
        Assert.Equal("-", server.Modes);
    }

    [Theory]
    [InlineData("""{"selector":{"matchLabels":{"app":"a"}},"action":"DENY","rules":[{}]}""", true, true)]
    [InlineData("""{"selector":{"matchLabels":{"app":"a","version":"2"}},"action":"DENY","rules":[{}]}""", false, true)]
    [InlineData("""{"selector":{"matchLabels":{"app":"a"}},"rules":[{}]}""", true, false)]
    public void And_a_policy_by_one_of_them_refuses_what_it_would_and_allows_nothing(string spec, bool counts, bool denies)
    {
        var server = new Server(labels: "version=1", pod: "me");
        server.Apply(Server.Authorization("ns/p", spec));
        var model = server.Model.Authorization;
        Assert.Equal(counts && denies ? 1 : 0, model.Denials.Length);
        Assert.Equal(counts && !denies, model.Allowances is [{ Rules: [] }]);
        Assert.Equal(counts, server.Snapshot.Diagnostics.Any(static problem => problem.Path == "spec.selector.matchLabels.app" && problem.Message.Contains("Mesh:Labels", StringComparison.Ordinal)));

        server.Apply(Me("app=b"));
        Assert.True(server.Model.Authorization is { Denials: [], Allowances: null });
        Assert.Empty(server.Problems);
    }

    [Fact]
    public void The_labels_of_the_own_pod_settle_what_was_in_doubt_and_stay_known()
    {
        var server = new Server(labels: null, pod: "me");
        server.Apply(Policies("ns/n PERMISSIVE; ns/w STRICT app=b"));
        Assert.Equal("Strict", server.Modes);
        Assert.Contains("may be for this process", server.Model.Mode!.Text, StringComparison.Ordinal);

        server.Apply(Me("app=a"));
        Assert.Equal("Permissive", server.Modes);
        Assert.Empty(server.Problems);

        server.Delete(Me("app=a"));
        Assert.Equal("Permissive", server.Modes);

        server.Apply(Me("app=b"));
        Assert.Equal("Strict", server.Modes);
    }

    [Fact]
    public void A_pod_without_labels_is_known_to_have_none()
    {
        var server = new Server(labels: null, pod: "me");
        server.Apply([.. Policies("ns/w STRICT app=b"), Me("")]);
        Assert.Equal("-", server.Modes);
        Assert.Empty(server.Problems);
        Assert.Equal(false, server.Model.IsAdvertised);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("app=a", null, null)]
    [InlineData("app=a,security.istio.io/tlsMode=istio", null, true)]
    [InlineData("app=a,security.istio.io/tlsMode=none", null, false)]
    [InlineData("app=a", "app=a", false)]
    [InlineData("app=a", "security.istio.io/tlsMode=istio", true)]
    [InlineData("security.istio.io/tlsMode=istio", "app=a", false)]
    [InlineData(null, "security.istio.io/tlsMode=ISTIO", false)]
    public void Callers_go_by_the_label_that_the_pod_really_has(string? stated, string? ofPod, bool? expected)
    {
        var server = new Server(stated, pod: "me");
        if (ofPod is not null)
        {
            server.Apply(Me(ofPod));
        }

        Assert.Equal(expected, server.Model.IsAdvertised);
    }

    [Fact]
    public void In_the_root_namespace_the_policy_of_the_mesh_counts_and_none_for_some_pods()
    {
        var server = new Server(ns: "istio-system");
        server.Apply(Policies("istio-system/w DISABLE app=a; istio-system/m STRICT"));
        Assert.Equal("Strict", server.Modes);
    }

    [Fact]
    public void The_root_namespace_is_the_one_that_the_mesh_names()
    {
        var server = new Server();
        server.Apply(Policies("istio-system/m STRICT; mesh-root/m DISABLE"));
        Assert.Equal("Strict", server.Modes);
        server.Apply(TlsObjects.MeshConfig("rootNamespace: mesh-root"));
        Assert.Equal("Disable", server.Modes);
    }

    [Theory]
    [InlineData("", "security is off (Mesh:Security)")]
    [InlineData("ns/w DISABLE app=a", "security is off (Mesh:Security)")]
    [InlineData("ns/w STRICT app=a 80=STRICT,81=DISABLE", "security is off (Mesh:Security), whatever is asked for: PeerAuthentication ns/w says STRICT")]
    public void Without_security_all_comes_in_plaintext_whatever_a_policy_says(string policies, string text)
    {
        var server = new Server(options: CompilerOptions.Default with { VerifiesPeers = false });
        server.Apply(Policies(policies));
        Assert.Equal("Disable", server.Modes);
        Assert.Equal(text, server.Model.Mode!.Text);
    }

    [Fact]
    public void A_process_that_nobody_calls_is_asked_for_nothing() =>
        Assert.Same(InboundModel.None, Given.Snapshot(TlsObjects.Peers("ns/n", "STRICT")).Inbound);

    private static Resource[] Policies(string text)
    {
        var age = 0;
        return [.. text.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(policy => Policy(policy.Split(' ')).CreatedAt(++age))];
    }

    private static PeerAuthentication Policy(string[] parts) =>
        TlsObjects.Peers(parts[0], parts[1] == "-" ? null : parts[1], parts.ElementAtOrDefault(2) is "-" ? null : parts.ElementAtOrDefault(2), parts.ElementAtOrDefault(3));

    private static Pod Me(string labels) => new() { Metadata = new ObjectMeta { Namespace = "ns", Name = "me", Labels = Server.LabelsOf(labels) } };
}
