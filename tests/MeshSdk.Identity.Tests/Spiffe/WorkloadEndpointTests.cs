using System.Net;
using System.Net.Sockets;
using MeshSdk.Identity.Certificates;
using MeshSdk.Identity.Spiffe;

namespace MeshSdk.Identity.Tests.Spiffe;

/// <summary>The SPIFFE Workload Endpoint specification, section 4, "Locating the Endpoint".</summary>
public sealed class WorkloadEndpointTests
{
    [Theory]
    [InlineData("unix:///run/spire/agent.sock", "/run/spire/agent.sock")]
    [InlineData("unix:/run/spire/agent.sock", "/run/spire/agent.sock")]
    [InlineData("UNIX:///tmp/a b", "/tmp/a b")]
    public void A_socket_has_an_absolute_path(string text, string path) =>
        Assert.Equal(path, Assert.IsType<UnixDomainSocketEndPoint>(WorkloadEndpoint.Parse(text)).ToString());

    [Theory]
    [InlineData("tcp://127.0.0.1:8081", "127.0.0.1:8081")]
    [InlineData("tcp://[::1]:8081", "[::1]:8081")]
    public void A_TCP_endpoint_is_an_IP_address_and_a_port(string text, string endpoint) =>
        Assert.Equal(endpoint, Assert.IsType<IPEndPoint>(WorkloadEndpoint.Parse(text)).ToString());

    [Theory]
    [InlineData("", "neither 'unix:' nor 'tcp:'")]
    [InlineData("/run/spire/agent.sock", "neither 'unix:' nor 'tcp:'")]
    [InlineData("npipe:spire-agent", "neither 'unix:' nor 'tcp:'")]
    [InlineData("http://127.0.0.1:80", "neither 'unix:' nor 'tcp:'")]
    [InlineData("unix:", "absolute")]
    [InlineData("unix:agent.sock", "absolute")]
    [InlineData("unix://agent.sock", "absolute")]
    [InlineData("unix:///run/a?x=y", "query or a fragment")]
    [InlineData("unix:///run/a#x", "query or a fragment")]
    [InlineData("tcp://localhost:8081", "not a name")]
    [InlineData("tcp://127.0.0.1", "no port")]
    [InlineData("tcp://127.0.0.1:0", "no port")]
    [InlineData("tcp://127.0.0.1:8081/path", "nothing else")]
    [InlineData("tcp://user@127.0.0.1:8081", "nothing else")]
    [InlineData("tcp://", "an IP address")]
    public void Anything_else_is_refused_with_the_reason(string text, string reason)
    {
        var refused = Assert.Throws<IdentitySourceException>(() => WorkloadEndpoint.Parse(text));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains("unix:///path/to/socket or tcp://IP:port", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_no_socket_can_have_is_refused() =>
        Assert.Contains("longer", Assert.Throws<IdentitySourceException>(() => WorkloadEndpoint.Parse("unix:///" + new string('a', 200))).Message, StringComparison.Ordinal);
}
