using System.Net;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Transport;

public sealed class PinnedHandlerTests
{
    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 5678);

    private static SocketsHttpHandler Create(Action<SocketsHttpHandler> configure, TransportProfile? profile = null) => PinnedHandler.Create(
        Address, HttpProtocol.Http1, profile ?? TransportProfile.Default, static () => TimeSpan.FromSeconds(1), new TransportSettings { Configure = configure });

    [Fact]
    public void What_the_application_configures_is_kept()
    {
        using var handler = Create(static h => (h.MaxResponseHeadersLength, h.PooledConnectionIdleTimeout) = (7, TimeSpan.FromSeconds(3)));

        Assert.Equal((7, TimeSpan.FromSeconds(3)), (handler.MaxResponseHeadersLength, handler.PooledConnectionIdleTimeout));
    }

    [Fact]
    public void What_the_mesh_needs_itself_cannot_be_configured_away()
    {
        using var handler = Create(static h =>
        {
            h.AllowAutoRedirect = true;
            h.UseCookies = true;
            h.UseProxy = true;
            h.AutomaticDecompression = DecompressionMethods.All;
            h.ConnectCallback = static (_, _) => throw new NotSupportedException();
        });

        Assert.Equal((false, false, false), (handler.AllowAutoRedirect, handler.UseCookies, handler.UseProxy));
        Assert.Equal(DecompressionMethods.None, handler.AutomaticDecompression);
        Assert.IsType<EndpointDialer>(handler.ConnectCallback!.Target);
    }

    [Fact]
    public void A_wish_of_the_client_comes_after_the_configuration_for_all()
    {
        using var handler = Create(static h => h.MaxConnectionsPerServer = 7, new TransportProfile { MaxConnectionsPerServer = 3 });

        Assert.Equal(3, handler.MaxConnectionsPerServer);
    }
}
