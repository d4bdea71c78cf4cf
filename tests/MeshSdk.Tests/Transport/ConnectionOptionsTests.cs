using System.Net;
using System.Net.Sockets;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Transport;

public sealed class ConnectionOptionsTests
{
    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 5678);

    private static SocketsHttpHandler Create(ConnectionSettings? connections, Action<SocketsHttpHandler>? configure = null, TransportProfile? profile = null) =>
        PinnedHandler.Create(
            Address, HttpProtocol.Http2, profile ?? TransportProfile.Default, static () => TimeSpan.FromSeconds(1),
            new TransportSettings { Configure = configure }, connections);

    public static TheoryData<TimeSpan?, TimeSpan> IdleTimeouts => new()
    {
        { null, TimeSpan.FromHours(1) },
        { TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(7) },
        { TimeSpan.Zero, Timeout.InfiniteTimeSpan },
        { TimeSpan.FromDays(4000), TimeSpan.FromDays(20) },
    };

    [Theory]
    [MemberData(nameof(IdleTimeouts))]
    public void An_idle_connection_is_kept_for_an_hour_or_as_long_as_is_stated(TimeSpan? stated, TimeSpan expected)
    {
        using var handler = Create(new ConnectionSettings { IdleTimeout = stated });

        Assert.Equal(expected, handler.PooledConnectionIdleTimeout);
    }

    [Fact]
    public void A_longest_life_and_pings_are_the_handlers_to_keep()
    {
        using var plain = Create(null);
        using var handler = Create(new ConnectionSettings
        {
            MaxDuration = TimeSpan.FromMinutes(3),
            Ping = new Http2Ping(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(5)),
        });

        Assert.Equal(Timeout.InfiniteTimeSpan, plain.PooledConnectionLifetime);
        Assert.Equal(Timeout.InfiniteTimeSpan, plain.KeepAlivePingDelay);
        Assert.Equal(TimeSpan.FromMinutes(3), handler.PooledConnectionLifetime);
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)), (handler.KeepAlivePingDelay, handler.KeepAlivePingTimeout)); // no less than a second
    }

    [Fact]
    public void A_policy_comes_after_the_configuration_for_all_and_before_the_clients_wishes()
    {
        using var handler = Create(
            new ConnectionSettings { IdleTimeout = TimeSpan.FromSeconds(7), Ping = new Http2Ping(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)) },
            static h => h.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3),
            new TransportProfile { KeepAlivePingDelay = TimeSpan.FromSeconds(60), KeepAlivePingTimeout = TimeSpan.FromSeconds(9) });

        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(60)), (handler.PooledConnectionIdleTimeout, handler.KeepAlivePingDelay));
    }

    // probes, time, interval → what the socket then says; 0: not looked at
    public static TheoryData<int?, double?, double?, int, int, int> Keepalives => new()
    {
        { 3, 600, 75, 3, 600, 75 },
        { null, 1.2, null, 0, 2, 0 },
        { 1_000, 1e9, 0.001, 127, 32_767, 1 },
    };

    [Theory]
    [MemberData(nameof(Keepalives))]
    public async Task Keepalive_is_set_on_the_socket(int? probes, double? time, double? interval, int expectedProbes, int expectedTime, int expectedInterval)
    {
        var keepalive = new TcpKeepalive(probes, Seconds(time), Seconds(interval));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dialer = new EndpointDialer(
            (IPEndPoint)listener.LocalEndpoint, static () => TimeSpan.FromSeconds(30), TimeProvider.System, new ConnectionSettings { Keepalive = keepalive });

        await using var stream = await dialer.ConnectAsync(null!, CancellationToken.None);

        var socket = Assert.IsType<DialedStream>(stream).Socket;
        Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        Expect(expectedProbes, SocketOptionName.TcpKeepAliveRetryCount);
        Expect(expectedTime, SocketOptionName.TcpKeepAliveTime);
        Expect(expectedInterval, SocketOptionName.TcpKeepAliveInterval);

        void Expect(int expected, SocketOptionName name)
        {
            if (expected > 0)
            {
                Assert.Equal(expected, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, name)!);
            }
        }
    }

    [Fact]
    public async Task Without_a_policy_the_system_decides()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dialer = new EndpointDialer((IPEndPoint)listener.LocalEndpoint, static () => TimeSpan.FromSeconds(30), TimeProvider.System);

        await using var stream = await dialer.ConnectAsync(null!, CancellationToken.None);

        Assert.Equal(0, (int)Assert.IsType<DialedStream>(stream).Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
    }

    private static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
