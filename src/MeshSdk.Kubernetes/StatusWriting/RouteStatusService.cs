using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Watching;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>Writes route status for as long as the application runs and holds the Lease. Whatever fails here keeps nobody from calling.</summary>
internal sealed partial class RouteStatusService(
    Mesh mesh,
    IOptions<MeshRouteStatusOptions> options,
    IOptions<MeshKubernetesOptions> kubernetes,
    ILoggerFactory loggers,
    TimeProvider time,
    Random random) : BackgroundService
{
    private readonly ILogger _logger = loggers.CreateLogger<RouteStatusService>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start of the application does not wait for this.
        await Task.Yield();
        var settings = options.Value;
        try
        {
            await UntilDoneAsync(() => mesh.WaitUntilReadyAsync(stoppingToken), stoppingToken).ConfigureAwait(false);
            var connection = await UntilDoneAsync(() => OpenAsync(stoppingToken), stoppingToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var objects = new ApiObjects(connection, time);
                var writer = new RouteStatusWriter(
                    objects, () => mesh.Runtime.Snapshot, settings, time, random, loggers.CreateLogger<RouteStatusWriter>());
                var election = new LeaderElection(
                    objects, settings, settings.LeaseNamespace ?? mesh.Caller.Namespace, IdentityOf(settings), time, loggers.CreateLogger<LeaderElection>());
                await UntilDoneAsync(
                    () => election.RunAsync(leading => UntilDoneAsync(() => writer.RunAsync(leading), leading), stoppingToken), stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application ends.
        }
    }

    private Task<ApiConnection> OpenAsync(CancellationToken cancellationToken) => ApiConnection.OpenAsync(
        new ConnectionSearch(kubernetes.Value, time), time, random, loggers.CreateLogger<ApiConnection>(), cancellationToken);

    /// <summary>Begins again whatever fails, a little later each time.</summary>
    private Task<bool> UntilDoneAsync(Func<Task> work, CancellationToken cancellationToken) => UntilDoneAsync(
        async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private async Task<T> UntilDoneAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(random);
        while (true)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // An application must not end because nobody can be told of its routes.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                // What breaks because it is to stop has stopped, and is no fault.
                cancellationToken.ThrowIfCancellationRequested();
                LogFailed(fault.Message, fault);
            }

            await Task.Delay(backoff.Next(), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string IdentityOf(MeshRouteStatusOptions settings) =>
        string.IsNullOrEmpty(settings.Identity) ? $"{Environment.MachineName}_{Guid.NewGuid():N}" : settings.Identity;

    [LoggerMessage(1, LogLevel.Warning, "Route status cannot be written at present, which is tried again: {Reason}", EventName = "Failed")]
    private partial void LogFailed(string reason, Exception error);
}
