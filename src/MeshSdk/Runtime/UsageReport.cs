using MeshSdk.Model;
using MeshSdk.Routing;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

/// <summary>
/// Tells a control plane that loads on demand, now and then, what is still called. What it hears of only through a route of another service's is not
/// named: it follows such services as long as it follows the one that was called.
/// </summary>
internal sealed partial class UsageReport(FrontendIndex frontends, IServiceDiscovery discovery, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Well below any time after which a service counts as idle.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private ITimer? _timer;

    public void Start() => _timer = time.CreateTimer(static state => ((UsageReport)state!).Tell(), this, Period, Period);

    public void Dispose() => _timer?.Dispose();

    private void Tell()
    {
        try
        {
            if (frontends.TakeUsed() is { Count: > 0 } used)
            {
                discovery.Used(used);
            }
        }
#pragma warning disable CA1031 // On a timer's thread an exception ends the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(9, LogLevel.Error, "Could not report which services are in use; they may be let go of, and are loaded again at the next call.", EventName = "UsageReportFailed")]
    private partial void LogFailed(Exception error);
}
