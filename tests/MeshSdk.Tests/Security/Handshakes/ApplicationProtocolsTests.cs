using System.Net.Security;
using MeshSdk.Security.Handshakes;

namespace MeshSdk.Tests.Security.Handshakes;

public sealed class ApplicationProtocolsTests
{
    [Theory]
    [InlineData("", false, null)]
    [InlineData("http/1.1", false, null)]
    [InlineData("istio-http/1.1", false, null)]
    [InlineData("istio", false, null)]
    [InlineData("h2", false, "where HTTP/1.1 is spoken")]
    [InlineData("istio-h2", false, "where HTTP/1.1 is spoken")]
    [InlineData("h2", true, null)]
    [InlineData("", true, "needs h2")]
    [InlineData("istio-h2", true, "let the server pick h2")]
    [InlineData("istio", true, "let the server pick h2")]
    [InlineData("http/1.1", true, "let the server pick h2")]
    public void What_the_server_picks_is_spoken_or_not(string picked, bool http2, string? fault)
    {
        var found = ApplicationProtocols.Fault(picked.Length == 0 ? default : new SslApplicationProtocol(picked), http2);

        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }
}
