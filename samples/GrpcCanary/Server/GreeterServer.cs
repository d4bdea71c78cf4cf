using System.Net;
using Grpc.Core;
using MeshSdk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GrpcCanary.Server;

/// <summary>The server of one pod: a real one, which takes mutual TLS of the mesh and nothing else.</summary>
internal sealed class GreeterServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile bool _isBroken;
    private int _refused;

    private GreeterServer(string version, int number, string kubeconfig, ICertificateSource identity)
    {
        Pod = new GreeterPod(version, number, new IPEndPoint(IPAddress.Loopback, 0));

        // The empty builder reads no configuration file and no environment variable that would bend the demo.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost
            .UseKestrelCore()
            .UseMeshIdentity(server => server.Mode = PeerAuthenticationMode.Strict)
            .ConfigureKestrel(kestrel => kestrel.Listen(Pod.Address, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddMesh(mesh => mesh
            .UseKubernetes(kubernetes => kubernetes.Kubeconfig = kubeconfig)
            .Configure(options =>
            {
                // In a pod nothing of this has to be said: it is found there.
                options.Namespace = Cluster.Namespace;
                options.PodName = Pod.Name;
                options.Identity.Source = identity;
            }));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapGrpcService<GreeterService>();
    }

    public GreeterPod Pod { get; private set; }

    public string Version => Pod.Version;

    public string Address => Pod.Address.ToString();

    /// <summary>Whether it answers its unary calls with <c>UNAVAILABLE</c>.</summary>
    public bool IsBroken
    {
        get => _isBroken;
        set => _isBroken = value;
    }

    /// <summary>How many calls it has refused so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public static async Task<GreeterServer> StartAsync(
        string version, int number, string kubeconfig, ICertificateSource identity, CancellationToken cancellationToken)
    {
        var server = new GreeterServer(version, number, kubeconfig, identity);
        try
        {
            await server._app.StartAsync(cancellationToken);
            server.Pod = server.Pod with { Address = IPEndPoint.Parse(new Uri(server._app.Urls.Single()).Authority) };
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public void ThrowIfBroken()
    {
        if (_isBroken)
        {
            Interlocked.Increment(ref _refused);
            throw new RpcException(new Status(StatusCode.Unavailable, $"{Pod.Name} has lost its database"));
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
