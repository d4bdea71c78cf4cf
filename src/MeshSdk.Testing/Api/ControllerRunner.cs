using Microsoft.Extensions.Logging;

namespace MeshSdk.Testing.Api;

/// <summary>
/// Runs controllers until the cluster goes. One that fails is said so and stays down: a test that needs it is to fail, not to wait for luck.
/// </summary>
internal sealed partial class ControllerRunner(ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];

    public void Start(IClusterApi api, IEnumerable<IController> controllers)
    {
        foreach (var controller in controllers)
        {
            _running.Add(Task.Run(() => RunAsync(controller, api), CancellationToken.None));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync(IController controller, IClusterApi api)
    {
        try
        {
            await controller.RunAsync(api, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to end.
        }
        catch (Exception failure)
        {
            Failed(controller.GetType().Name, failure);
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "{Controller} has failed and does not run any longer.")]
    private partial void Failed(string controller, Exception failure);
}
