using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>The reference canary over mutual TLS, and the floor beside it.</summary>
internal static class SecuredCanary
{
    // A scheme that says so keeps HTTP/2 servers from wondering, and connections that are secured already are left as they are.
    private const string SecuredAddress = "https://backend";

    /// <param name="members">Whose certificates are used.</param>
    /// <param name="backend">Does mutual TLS.</param>
    /// <param name="protocol">What is spoken.</param>
    /// <param name="configure">Null, or a change of how connections are made.</param>
    public static async Task<Contender> MeshAsync(
        LoadMembers members, BackendProcess backend, HttpProtocol protocol, Action<SocketsHttpHandler>? configure = null)
    {
        var mesh = await StartAsync(members, backend, protocol, configure);
        return new Contender("mesh", new HttpMessageInvoker(mesh.CreateHandler()), Canary.Address, mesh);
    }

    public static async Task<Mesh> StartAsync(LoadMembers members, BackendProcess backend, HttpProtocol protocol, Action<SocketsHttpHandler>? configure = null)
    {
        var options = new MeshOptions { InMemory = Canary.Source(backend, protocol, isSecured: true), ConfigureTransport = configure };
        options.Identity.Directory = members.Caller;
        return await Mesh.StartAsync(options);
    }

    public static Contender RoundRobin(LoadMembers members, BackendProcess backend, HttpProtocol protocol, Action<SocketsHttpHandler>? configure = null)
    {
        var (v1, v2) = Canary.Endpoints(backend, protocol);
        var dialer = new DialerByHand(members, protocol);
        var handler = new RoundRobinHandler([.. v1, .. v2], protocol, (endpoint, handler) =>
        {
            handler.ConnectCallback = (_, cancellationToken) => dialer.DialAsync(endpoint, cancellationToken);
            configure?.Invoke(handler);
        });
        return new Contender("round robin by hand", new HttpMessageInvoker(handler), SecuredAddress);
    }
}
