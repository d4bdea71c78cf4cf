using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Tls;

/// <summary>
/// How peer authentications add up, for a pod <c>app=a</c> of namespace <c>ns</c> and its port 8080, with the cases of istiod's own
/// <c>TestComposePeerAuthentication</c> among them.
/// </summary>
public sealed class PeerModeTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        // What it is about; policies as NAME MODE [SELECTOR [PORTS]], the oldest first; the mode of the port.
        { "nothing", "", "Permissive" },
        { "mesh alone", "istio-system/m STRICT", "Strict" },
        { "mesh that sets nothing", "istio-system/m UNSET", "Permissive" },
        { "mesh without mtls", "istio-system/m -", "Permissive" },
        { "namespace alone", "ns/n STRICT", "Strict" },
        { "another namespace", "other/n STRICT", "Permissive" },
        { "namespace before mesh", "istio-system/m STRICT; ns/n PERMISSIVE", "Permissive" },
        { "namespace that sets nothing leaves it to the mesh", "istio-system/m STRICT; ns/n UNSET", "Strict" },
        { "namespace without mtls leaves it to the mesh", "istio-system/m STRICT; ns/n -", "Strict" },
        { "empty selector is none", "ns/n STRICT ,", "Strict" },
        { "workload before namespace", "ns/n STRICT; ns/w DISABLE app=a", "Disable" },
        { "workload of other pods", "ns/n STRICT; ns/w DISABLE app=b", "Strict" },
        { "workload that needs more labels than there are", "ns/w STRICT app=a,version=1", "Permissive" },
        { "workload that sets nothing leaves it to the namespace", "ns/n STRICT; ns/w UNSET app=a", "Strict" },
        { "workload that sets nothing leaves it to the mesh", "istio-system/m DISABLE; ns/w - app=a", "Disable" },
        { "mode that is empty", "ns/n STRICT; ns/w UNSET app=a 8080=", "Strict" },
        { "oldest of a namespace", "ns/first PERMISSIVE; ns/second STRICT", "Permissive" },
        { "oldest of a namespace, also where it sets nothing", "ns/first UNSET; ns/second STRICT", "Permissive" },
        { "oldest of the mesh", "istio-system/first DISABLE; istio-system/second STRICT", "Disable" },
        { "oldest for a workload", "ns/first DISABLE app=a; ns/second STRICT app=a", "Disable" },
        { "selector in the root namespace", "istio-system/w STRICT app=a", "Permissive" },
        { "selector in the root namespace beside the mesh", "istio-system/w DISABLE app=a; istio-system/m STRICT", "Strict" },
        { "port", "ns/w PERMISSIVE app=a 8080=STRICT", "Strict" },
        { "another port", "ns/w PERMISSIVE app=a 80=STRICT", "Permissive" },
        { "port that sets nothing leaves it to the workload", "ns/n DISABLE; ns/w STRICT app=a 8080=UNSET", "Strict" },
        { "port that sets nothing under a workload that does neither", "ns/n DISABLE; ns/w UNSET app=a 8080=UNSET", "Disable" },
        { "port of a workload that sets nothing", "ns/n STRICT; ns/w UNSET app=a 8080=DISABLE", "Disable" },
        { "ports without a selector", "ns/n PERMISSIVE - 8080=STRICT", "Permissive" },
        { "port that is none", "ns/w PERMISSIVE app=a http=STRICT", "Permissive" },
        { "word that is none", "ns/n STRIKT", "Strict" },
        { "policy that cannot be read", "ns/n UNREADABLE", "Strict" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_port_is_for_whom_the_policies_say(string what, string policies, string expected)
    {
        Assert.NotEmpty(what);
        var age = 0;
        var store = Given.Store([.. policies.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(text => Policy(text).CreatedAt(++age))]);
        var modes = PeerModes.Of(store, "ns", "istio-system");

        Assert.Equal(expected, modes.Of(new() { ["app"] = "a" }, 8080).Mode.ToString());
        Assert.True(modes.MayBeStrict || expected != "Strict");
    }

    [Fact]
    public void A_missing_time_is_the_oldest_and_equally_old_ones_stand_by_name()
    {
        var store = Given.Store(TlsObjects.Peers("ns/b", "STRICT"), TlsObjects.Peers("ns/a", "DISABLE").CreatedAt(1), TlsObjects.Peers("ns/c", "DISABLE"));
        Assert.Equal(PeerMode.Strict, PeerModes.Of(store, "ns", "istio-system").Namespace.Mode);
    }

    [Fact]
    public void In_the_root_namespace_itself_the_policy_of_the_mesh_counts() =>
        Assert.Equal(PeerMode.Strict, PeerModes.Of(Given.Store(TlsObjects.Peers("istio-system/m", "STRICT")), "istio-system", "istio-system").Namespace.Mode);

    [Theory]
    [InlineData("ns/w STRICT app=b", true)]
    [InlineData("ns/w UNSET app=b 8080=STRICT", true)]
    [InlineData("istio-system/m STRICT; ns/n DISABLE; ns/w UNSET app=b", false)]
    [InlineData("ns/w DISABLE app=b 8080=PERMISSIVE", false)]
    public void A_pod_of_which_nothing_is_known_may_be_any(string policies, bool mayBeStrict) =>
        Assert.Equal(mayBeStrict, PeerModes.Of(Given.Store([.. policies.Split("; ").Select(Policy)]), "ns", "istio-system").MayBeStrict);

    [Theory]
    [InlineData("ns/n STRICT", "")]
    [InlineData("ns/n STRIKT", "Error UnsupportedValue spec.mtls.mode")]
    [InlineData("ns/n UNREADABLE", "Error UnsupportedValue spec.mtls.mode")]
    [InlineData("ns/w STRICT app=a 8080=NEVER", "Error UnsupportedValue spec.portLevelMtls.8080.mode")]
    [InlineData("ns/w STRICT app=a http=STRICT", "Error UnsupportedValue spec.portLevelMtls.http")]
    [InlineData("ns/w STRICT app=a 65536=STRICT", "Error UnsupportedValue spec.portLevelMtls.65536")]
    [InlineData("ns/n STRICT - 8080=DISABLE", "Warning Ignored spec.portLevelMtls")]
    [InlineData("istio-system/w STRICT app=a", "Warning Ignored spec.selector")]
    public void What_is_wrong_or_means_nothing_is_told(string policy, string expected) =>
        Assert.Equal(expected, string.Join("; ", Given.Snapshot(Policy(policy)).Diagnostics.Codes()));

    private static PeerAuthentication Policy(string text)
    {
        var parts = text.Split(' ');
        return TlsObjects.Peers(parts[0], parts[1] == "-" ? null : parts[1], parts.ElementAtOrDefault(2) is "-" ? null : parts.ElementAtOrDefault(2), parts.ElementAtOrDefault(3));
    }
}
