using Microsoft.Extensions.Hosting;

namespace MeshSdk.DependencyInjection;

/// <summary>
/// Starts the mesh before the application's own services, and waits for it as long as a call would. A configuration that can never be read stops the
/// application; one that is only late does not: calls then meet what <see cref="MeshOptions.Startup"/> says, and callers of a server 503.
/// </summary>
internal sealed class MeshHostedService(Mesh mesh) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Before its own calls: who calls a server must never meet one that does not know yet whom it may answer, and it listens only after this.
        await mesh.Runtime.StartServingAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await mesh.WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException) when (mesh.Status != MeshStatus.Failed)
        {
            // The log has it, the health check tells it, and every call will say it again.
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The other services may still call while they stop; the container takes the mesh down after them.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
