using MeshSdk.Identity.Istiod;

namespace MeshSdk.Identity.Tests.Istiod;

public sealed class IstiodAddressTests
{
    [Theory]
    [InlineData("istiod.istio-system.svc:15012", "istiod.istio-system.svc", 15012, "istiod.istio-system.svc")]
    [InlineData("https://istiod.istio-system.svc:15012", "istiod.istio-system.svc", 15012, "istiod.istio-system.svc")]
    [InlineData("https://istiod.istio-system.svc:15012/", "istiod.istio-system.svc", 15012, "istiod.istio-system.svc")]
    [InlineData("istiod-canary.istio-system.svc:15012", "istiod-canary.istio-system.svc", 15012, "istiod-canary.istio-system.svc")]
    [InlineData("istiod.mesh.svc.cluster.local:15012", "istiod.mesh.svc.cluster.local", 15012, "istiod.mesh.svc")]
    [InlineData("cert-manager-istio-csr.cert-manager.svc:443", "cert-manager-istio-csr.cert-manager.svc", 443, "cert-manager-istio-csr.cert-manager.svc")]
    [InlineData("localhost:15012", "localhost", 15012, "istiod.istio-system.svc")]
    [InlineData("10.0.0.7:15012", "10.0.0.7", 15012, "istiod.istio-system.svc")]
    [InlineData("[fd00::7]:15012", "fd00::7", 15012, "istiod.istio-system.svc")]
    [InlineData("istiod.example.com:443", "istiod.example.com", 443, "istiod.istio-system.svc")]
    public void The_name_to_be_proved_is_that_of_the_Service(string text, string host, int port, string name) =>
        Assert.Equal(new IstiodAddress(host, port, name), IstiodAddress.Parse(text, null));

    [Fact]
    public void A_name_that_is_configured_comes_first() =>
        Assert.Equal("istiod.example.com", IstiodAddress.Parse("istiod.istio-system.svc:15012", "istiod.example.com").ServerName);

    [Theory]
    [InlineData(null, "set CA_ADDR")]
    [InlineData(" ", "set CA_ADDR")]
    [InlineData("istiod.istio-system.svc:15010", "plaintext")]
    [InlineData("https://istiod.istio-system.svc:15010", "plaintext")]
    [InlineData("http://istiod.istio-system.svc:15012", "plaintext")]
    [InlineData("HTTP://istiod.istio-system.svc:443", "plaintext")]
    [InlineData("istiod.istio-system.svc", "host:port")]
    [InlineData("istiod.istio-system.svc:", "host:port")]
    [InlineData("istiod.istio-system.svc:0", "host:port")]
    [InlineData("istiod.istio-system.svc:70000", "host:port")]
    [InlineData(":15012", "host:port")]
    [InlineData("fd00::7:15012", "in brackets")]
    [InlineData("unix:/run/istiod:1", "neither a name nor an IP address")]
    public void What_cannot_or_must_not_be_called_is_refused(string? text, string reason)
    {
        var refused = Assert.Throws<IssuanceException>(() => IstiodAddress.Parse(text, null));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(IssuanceFailure.Refused, refused.Kind);
    }

    [Fact]
    public void A_name_that_nobody_can_prove_is_refused() =>
        Assert.Contains("ISTIOD_SAN", Assert.Throws<IssuanceException>(() => IstiodAddress.Parse("10.0.0.7:15012", "no name/")).Message, StringComparison.Ordinal);
}
