using System.Net;
using System.Net.Sockets;
using System.Text;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Transport;

/// <summary>What a connection begins with, by the text of the PROXY protocol, 2.1 and 2.2.</summary>
public sealed class ProxyPreambleTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";

    public static TheoryData<string, string, string> Texts => new()
    {
        { "192.168.0.1:56324", "192.168.0.11:443", "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n" },
        { "[2001:db8::1]:65535", "[2001:db8::2]:1", "PROXY TCP6 2001:db8::1 2001:db8::2 65535 1\r\n" },
        { "[::ffff:10.0.0.1]:80", "[::ffff:10.0.0.2]:81", "PROXY TCP4 10.0.0.1 10.0.0.2 80 81\r\n" },
        { "[fe80::1%3]:80", "[fe80::2%3]:81", "PROXY TCP6 fe80::1 fe80::2 80 81\r\n" },
    };

    public static TheoryData<string, string, string> Binaries => new()
    {
        { "192.168.0.1:56324", "192.168.0.11:443", Signature + "2111000C" + "C0A80001" + "C0A8000B" + "DC04" + "01BB" },
        { "[::ffff:10.0.0.1]:80", "[::ffff:10.0.0.2]:81", Signature + "2111000C" + "0A000001" + "0A000002" + "0050" + "0051" },
        {
            "[2001:db8::1]:65535", "[2001:db8::2]:1",
            Signature + "21210024" + "20010DB8000000000000000000000001" + "20010DB8000000000000000000000002" + "FFFF" + "0001"
        },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Version_1_is_a_line_of_text(string source, string destination, string expected) =>
        Assert.Equal(expected, Encoding.ASCII.GetString(ProxyPreamble.Of(ProxyProtocol.V1, IPEndPoint.Parse(source), IPEndPoint.Parse(destination))));

    [Theory]
    [MemberData(nameof(Binaries))]
    public void Version_2_is_a_header_of_bytes(string source, string destination, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(ProxyPreamble.Of(ProxyProtocol.V2, IPEndPoint.Parse(source), IPEndPoint.Parse(destination))));

    [Theory]
    [InlineData(nameof(ProxyProtocol.V1), "127.0.0.1")]
    [InlineData(nameof(ProxyProtocol.V2), "127.0.0.1")]
    [InlineData(nameof(ProxyProtocol.V1), "::1")]
    [InlineData(nameof(ProxyProtocol.V2), "::1")]
    public async Task A_connection_begins_with_it(string version, string address)
    {
        var protocol = Enum.Parse<ProxyProtocol>(version);
        var ip = IPAddress.Parse(address);
        Assert.SkipUnless(ip.AddressFamily == AddressFamily.InterNetwork || Socket.OSSupportsIPv6, "no IPv6 here");
        using var listener = new TcpListener(ip, 0);
        listener.Start();
        var server = (IPEndPoint)listener.LocalEndpoint;
        var dialer = new EndpointDialer(
            server, static () => TimeSpan.FromSeconds(30), TimeProvider.System, new ConnectionSettings { ProxyProtocol = protocol });

        await using var stream = await dialer.ConnectAsync(null!, CancellationToken.None);
        await stream.WriteAsync("GET"u8.ToArray());
        using var accepted = await listener.AcceptSocketAsync();

        var expected = ProxyPreamble.Of(protocol, (IPEndPoint)accepted.RemoteEndPoint!, server);
        var received = new byte[expected.Length + 3];
        await using var reading = new NetworkStream(accepted);
        await reading.ReadExactlyAsync(received);
        Assert.Equal([.. expected, .. "GET"u8], received);
    }
}
