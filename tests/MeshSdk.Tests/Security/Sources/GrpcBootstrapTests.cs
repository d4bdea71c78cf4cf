using MeshSdk.Security.Pem;
using MeshSdk.Security.Sources;

namespace MeshSdk.Tests.Security.Sources;

public sealed class GrpcBootstrapTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void The_files_that_istio_agent_names_are_found()
    {
        var bootstrap = Given(
            """
            {
              "xds_servers": [{ "server_uri": "unix:///etc/istio/proxy/XDS", "channel_creds": [{ "type": "insecure" }], "server_features": ["xds_v3"] }],
              "node": { "id": "sidecar~10.0.0.1~cart.shop~shop.svc.cluster.local", "metadata": { "GENERATOR": "grpc" } },
              "certificate_providers": {
                "default": {
                  "plugin_name": "file_watcher",
                  "config": {
                    "certificate_file": "/var/lib/istio/data/cert-chain.pem",
                    "private_key_file": "/var/lib/istio/data/key.pem",
                    "ca_certificate_file": "/var/lib/istio/data/root-cert.pem",
                    "refresh_interval": "900s"
                  }
                }
              },
              "server_listener_resource_name_template": "xds.istio.io/grpc/lds/inbound/%s"
            }
            """);
        Assert.False(bootstrap.HasNoCertificates());
        Assert.Equal(new PemFiles("/var/lib/istio/data/cert-chain.pem", "/var/lib/istio/data/key.pem", "/var/lib/istio/data/root-cert.pem"), bootstrap.Find());
        Assert.Equal(TimeSpan.FromMinutes(15), bootstrap.RefreshInterval);
    }

    [Theory]
    [InlineData("""{"default":FILES-default,"a":FILES-a}""", "default")]
    [InlineData("""{"a":FILES-a,"default":FILES-default}""", "default")]
    [InlineData("""{"a":FILES-a,"b":FILES-b}""", "a")]
    [InlineData("""{"default":{"plugin_name":"meshca"},"b":FILES-b}""", "b")]
    [InlineData("""{"default":{"plugin_name":"file_watcher","config":{"certificate_file":"/x"}},"b":FILES-b}""", "b")]
    public void The_first_that_can_be_used_counts_and_default_before_others(string providers, string chosen)
    {
        foreach (var name in (string[])["default", "a", "b"])
        {
            providers = providers.Replace(
                $"FILES-{name}",
                $$$"""{"plugin_name":"file_watcher","config":{"certificate_file":"/{{{name}}}/c","private_key_file":"/{{{name}}}/k","ca_certificate_file":"/{{{name}}}/r"}}""",
                StringComparison.Ordinal);
        }

        var bootstrap = Given($$$"""{"certificate_providers":{{{providers}}}}""");
        Assert.Equal($"/{chosen}/c", bootstrap.Find().Certificate);
        Assert.Null(bootstrap.RefreshInterval);
    }

    [Theory]
    [InlineData("{", false, "is no JSON: ")]
    [InlineData("", false, "is no JSON: ")]
    [InlineData("[]", false, "is no JSON object")]
    [InlineData("{}", true, "there are no certificate_providers")]
    [InlineData("""{"certificate_providers":{}}""", true, "there are no certificate_providers")]
    [InlineData("""{"certificate_providers":[]}""", true, "there are no certificate_providers")]
    [InlineData("""{"certificate_providers":{"x":{"plugin_name":"meshca"}}}""", false, "certificate_providers.x is a 'meshca'; only file_watcher can be used")]
    [InlineData("""{"certificate_providers":{"x":7}}""", false, "certificate_providers.x is a ''")]
    [InlineData("""{"certificate_providers":{"x":{"plugin_name":"file_watcher","config":{"certificate_file":7}}}}""", false, "x.config lacks certificate_file")]
    public void What_names_no_files_says_so(string json, bool isForXdsAlone, string problem)
    {
        var bootstrap = Given(json);
        Assert.Equal(isForXdsAlone, bootstrap.HasNoCertificates());
        var error = Assert.Throws<PemException>(bootstrap.Find);
        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_not_there_may_be_late()
    {
        var bootstrap = new GrpcBootstrap(_path + ".late");
        Assert.False(bootstrap.HasNoCertificates());
        Assert.Contains("which GRPC_XDS_BOOTSTRAP names, does not exist", Assert.Throws<PemException>(bootstrap.Find).Message, StringComparison.Ordinal);
    }

    private GrpcBootstrap Given(string json)
    {
        File.WriteAllText(_path, json);
        return new GrpcBootstrap(_path);
    }
}
