using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Tests.Fixtures;

namespace MeshSdk.Kubernetes.Tests.Connection;

public sealed class ConnectionSearchTests : IDisposable
{
    private static readonly Uri Server = new("https://api.test:6443/k8s/clusters/x");

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _environment = [];
    private readonly MeshKubernetesOptions _options;

    public ConnectionSearchTests() => _options = new() { ServiceAccountDirectory = _directory.At("account") };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task In_a_pod_its_own_service_account_is_used()
    {
        InPod("10.0.0.1");

        var found = await FindAsync();

        Assert.Equal("https://10.0.0.1/", found.Server.AbsoluteUri);
        Assert.Equal("pod-namespace", found.Namespace);
        Assert.Equal("Bearer token-1", (await found.Credential.GetHeaderAsync(default))!.ToString());
        Assert.Equal("CA", await found.Authority!.ReadAsync(default));
    }

    [Fact]
    public async Task An_address_of_version_six_gets_its_brackets()
    {
        InPod("fd00::1");

        Assert.Equal("https://[fd00::1]/", (await FindAsync()).Server.AbsoluteUri);
    }

    [Fact]
    public async Task A_kubeconfig_that_is_named_goes_before_the_pod()
    {
        InPod("10.0.0.1");
        _options.Kubeconfig = _directory.Write("config", KubernetesScripts.Kubeconfig(Server));

        var found = await FindAsync();

        Assert.Equal("https://api.test:6443/k8s/clusters/x/", found.Server.AbsoluteUri);
        Assert.Equal("team", found.Namespace);
        Assert.Equal($"context one of {_options.Kubeconfig}", found.Origin);
        Assert.Equal("Bearer secret", (await found.Credential.GetHeaderAsync(default))!.ToString());
        Assert.Null(found.Authority);
    }

    [Fact]
    public async Task A_service_account_that_cannot_be_read_is_a_fault_and_no_reason_to_look_elsewhere()
    {
        InPod("10.0.0.1");
        File.Delete(_directory.At("account/ca.crt"));

        Assert.Contains(_directory.At("account/ca.crt"), await FaultAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_found_the_fault_says_what_was_looked_for()
    {
        var fault = await FaultAsync();

        foreach (var part in new[] { "Kubeconfig", "KUBERNETES_SERVICE_HOST", _directory.At("account/token"), "KUBECONFIG", _directory.At("home/.kube/config") })
        {
            Assert.Contains(part, fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_kubeconfig_of_the_home_directory_is_the_last_resort()
    {
        _directory.Write("home/.kube/config", KubernetesScripts.Kubeconfig(Server));

        Assert.Equal("api.test", (await FindAsync()).Server.Host);
    }

    [Fact]
    public async Task Several_kubeconfigs_count_as_one_with_paths_from_where_each_stands()
    {
        var first = _directory.Write("one/config", "apiVersion: v1\nkind: Config\ncurrent-context: two\ncontexts: []\n");
        var second = _directory.Write("two/config", """
            apiVersion: v1
            kind: Config
            current-context: other
            contexts: [{ name: two, context: { cluster: c, user: u } }]
            clusters: [{ name: c, cluster: { server: "https://two", certificate-authority: ca.crt } }]
            users: [{ name: u, user: { tokenFile: token } }]
            """);
        _directory.Write("two/ca.crt", "CA of two");
        _directory.Write("two/token", "token of two\n");
        _environment["KUBECONFIG"] = string.Join(Path.PathSeparator, first, _directory.At("missing"), second);

        var found = await FindAsync();

        Assert.Equal("https://two/", found.Server.AbsoluteUri);
        Assert.Equal("CA of two", await found.Authority!.ReadAsync(default));
        Assert.Equal("Bearer token of two", (await found.Credential.GetHeaderAsync(default))!.ToString());
    }

    [Fact]
    public async Task A_context_that_is_not_there_is_answered_with_those_that_are()
    {
        _options.Kubeconfig = _directory.Write("config", KubernetesScripts.Kubeconfig(Server));
        _options.Context = "nope";

        Assert.EndsWith("has no context nope; it has: one", await FaultAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("username: me\npassword: pw", "Basic bWU6cHc=")]
    [InlineData("token: t", "Bearer t")]
    [InlineData("{}", null)]
    [InlineData("auth-provider:\n  name: oidc\n  config: { id-token: idt }", "Bearer idt")]
    public async Task Users_say_who_they_are_in_many_ways(string user, string? header)
    {
        _options.Kubeconfig = _directory.Write("config", KubernetesScripts.Kubeconfig(Server, user: user));

        Assert.Equal(header, (await (await FindAsync()).Credential.GetHeaderAsync(default))?.ToString());
    }

    [Theory]
    [InlineData("", "exec: { command: no-such-plugin, apiVersion: client.authentication.k8s.io/v1 }", "no-such-plugin is not there")]
    [InlineData("", "auth-provider: { name: gcp }", "gcp, which Kubernetes has dropped")]
    [InlineData("", "client-certificate: a.crt", "only one of certificate and key")]
    [InlineData("", "as: somebody", "acts as another one")]
    [InlineData("certificate-authority-data: '***'", "token: t", "certificate-authority-data")]
    [InlineData("proxy-url: 'nonsense'", "token: t", "proxy-url 'nonsense'")]
    [InlineData("certificate-authority: gone.crt", "token: t", "gone.crt cannot be read")]
    public async Task What_cannot_be_used_is_named(string cluster, string user, string message)
    {
        _options.Kubeconfig = _directory.Write("config", KubernetesScripts.Kubeconfig(Server, cluster, user));

        var fault = await Assert.ThrowsAsync<ConnectionException>(async () =>
            await TlsMaterial.ReadAsync(await FindAsync(), TestContext.Current.CancellationToken));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [", "is no kubeconfig")]
    [InlineData("", "states no current-context")]
    public async Task A_file_that_is_no_kubeconfig_is_named(string text, string message)
    {
        _options.Kubeconfig = _directory.Write("config", text);

        var fault = await FaultAsync();
        Assert.Contains(message, fault, StringComparison.Ordinal);
        Assert.Contains(_options.Kubeconfig, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_KubernetesClient_does_not_know_is_read_as_well()
    {
        _options.Kubeconfig = _directory.Write("config", KubernetesScripts.Kubeconfig(
            Server, "proxy-url: socks5://proxy:1080\ntls-server-name: other\ninsecure-skip-tls-verify: true"));

        var found = await FindAsync();

        Assert.Equal("socks5://proxy:1080/", found.Proxy!.AbsoluteUri);
        Assert.Equal("other", found.TlsServerName);
        Assert.True(found.SkipsVerification);
    }

    private void InPod(string host)
    {
        _environment["KUBERNETES_SERVICE_HOST"] = host;
        _environment["KUBERNETES_SERVICE_PORT"] = "443";
        _directory.Write("account/token", "token-1\n");
        _directory.Write("account/ca.crt", "CA");
        _directory.Write("account/namespace", "pod-namespace\n");
    }

    private Task<ConnectionSettings> FindAsync() => new ConnectionSearch(_options, TimeProvider.System)
    {
        Environment = name => _environment.GetValueOrDefault(name),
        Home = _directory.At("home"),
    }.FindAsync(TestContext.Current.CancellationToken);

    private async Task<string> FaultAsync() => (await Assert.ThrowsAsync<ConnectionException>(FindAsync)).Message;
}
