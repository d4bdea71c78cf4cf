using System.Net;
using System.Net.Sockets;
using CanaryDemo.Identity;
using MeshSdk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CanaryDemo;

/// <summary>The server of one pod: a real one of the mesh, on an address of its own where the system has one to give it.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly Workload _workload;
    private readonly InMemoryCertificateSource _identity;
    private readonly Callers _callers;
    private readonly WebApplication _server;

    private Backend(Pod pod, Workload workload, InMemoryCertificateSource identity, Callers callers, WebApplication server) =>
        (Pod, _workload, _identity, _callers, _server) = (pod, workload, identity, callers, server);

    public Pod Pod { get; }

    /// <summary>How its requests have come so far.</summary>
    public Arrivals Arrivals => _callers.Arrivals;

    /// <summary>Whether a request has come on a connection that was made with the certificate that it has now.</summary>
    public bool IsReconnected => _callers.LastShown == _workload.Certificate.Certificate.Thumbprint;

    /// <summary>
    /// Not every system has loopback addresses beside 127.0.0.1: where <paramref name="preferred"/> cannot be had, the backend gets a free port there.
    /// </summary>
    /// <param name="preferred">The pod, where all is as it should be.</param>
    /// <param name="agent">Where it will have its identity from.</param>
    /// <param name="kubeconfig">Of the cluster whose policies it keeps.</param>
    /// <param name="fleet">What is to be the same for all.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<Backend> StartAsync(Pod preferred, Agent agent, string kubeconfig, Fleet fleet, CancellationToken cancellationToken)
    {
        var workload = agent.Add(preferred.Account);
        try
        {
            return await StartAsync(preferred, workload, kubeconfig, fleet, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return await StartAsync(preferred with { Address = new IPEndPoint(IPAddress.Loopback, 0) }, workload, kubeconfig, fleet, cancellationToken);
        }
    }

    /// <summary>Gives it the identity that it has started without, as whatever hands out certificates would, and waits until it is in force.</summary>
    public async Task GiveIdentityAsync(CancellationToken cancellationToken)
    {
        var mesh = _server.Services.GetRequiredService<Mesh>();
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        mesh.IdentityChanged += (_, _) => came.TrySetResult();
        _workload.FeedInto(_identity);
        await came.Task.WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<Backend> StartAsync(Pod pod, Workload workload, string kubeconfig, Fleet fleet, CancellationToken cancellationToken)
    {
        var identity = fleet.HasIdentity ? workload.ToSource() : new InMemoryCertificateSource();
        var callers = new Callers();

        // The empty builder reads no configuration file and no environment variable that would bend the demo.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseMeshIdentity(server => server.Mode = fleet.Mode).ConfigureKestrel(kestrel => kestrel.Listen(pod.Address));
        builder.Services.AddMesh(mesh => mesh
            .UseKubernetes(kubernetes => kubernetes.Kubeconfig = kubeconfig)
            .Configure(options =>
            {
                // In a pod nothing of this has to be said: it is found there.
                options.Namespace = Cluster.Namespace;
                options.PodName = pod.Name;
                options.Identity.Source = identity;
            }));
        var server = builder.Build();
        server.Run(context =>
        {
            callers.Count(context);
            return context.Response.WriteAsync(pod.Hello, context.RequestAborted);
        });
        try
        {
            await server.StartAsync(cancellationToken);
            return new Backend(pod with { Address = IPEndPoint.Parse(new Uri(server.Urls.Single()).Authority) }, workload, identity, callers, server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
