using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Telemetry;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Resilience.Outliers;

/// <summary>Counts ejections and logs them, a few lines a minute for each cluster: one that flaps must not bury everything else.</summary>
internal sealed partial class EjectionReporter(MeshTelemetry telemetry, ILogger logger, TimeProvider time) : IEjectionObserver
{
    // Services come and go. To begin anew now and then costs less than to know which are still there.
    private const int MostClusters = 1024;

    private readonly ConcurrentDictionary<ClusterId, LogAllowance> _allowances = new();

    // That nobody else may be ejected is said once, and again where how many are, or may be, has changed.
    private readonly ConcurrentDictionary<ClusterId, (int Ejected, int Total, int MaxPercent)> _full = new();

    public void Hear(EjectionNews news)
    {
        Count(news);
        var cluster = news.Endpoint.Cluster;
        if (news.Kind == EjectionNewsKind.Unenforced || (news.Kind == EjectionNewsKind.Overflow && IsTold(news)) || !AllowanceOf(cluster).TryTake(out var withheld))
        {
            return;
        }

        if (withheld > 0)
        {
            LogWithheld(cluster, withheld);
        }

        Log(news, cluster);
    }

    public void Failed(Exception error) => LogFailed(error.Message, error);

    private void Count(EjectionNews news)
    {
        var outcome = news.Kind switch
        {
            EjectionNewsKind.Ejected => "enforced",
            EjectionNewsKind.Overflow => "overflow",
            EjectionNewsKind.Unenforced => "unenforced",
            _ => null,
        };
        if (outcome is null)
        {
            return;
        }

        try
        {
            telemetry.CountEjection(news.Endpoint.Cluster, news.Reason.Word(), outcome);
        }
#pragma warning disable CA1031 // A listener's exception is nothing to the request that happens to be the last straw.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private bool IsTold(EjectionNews news)
    {
        var full = (news.Ejected, news.Total, news.MaxPercent);
        var isTold = _full.TryGetValue(news.Endpoint.Cluster, out var told) && told == full;
        _full[news.Endpoint.Cluster] = full;
        return isTold;
    }

    private void Log(EjectionNews news, ClusterId cluster)
    {
        var (endpoint, reason, seconds) = (news.Endpoint.Name, news.Reason.Word(), Math.Round(news.Time.TotalSeconds, 3));
        switch (news.Kind)
        {
            case EjectionNewsKind.Ejected:
                LogEjected(endpoint, cluster, seconds, reason, news.Ejected, news.Total);
                break;
            case EjectionNewsKind.Overflow:
                LogOverflow(endpoint, cluster, reason, news.Ejected, news.Total, news.MaxPercent);
                break;
            case EjectionNewsKind.Returned:
                LogReturned(endpoint, cluster, seconds, reason, news.Ejected, news.Total);
                break;
            case EjectionNewsKind.Released:
                LogReleased(endpoint, cluster, seconds, reason);
                break;
        }
    }

    private LogAllowance AllowanceOf(ClusterId cluster)
    {
        if (_allowances.Count >= MostClusters)
        {
            _allowances.Clear();
            _full.Clear();
        }

        return _allowances.GetOrAdd(cluster, static (_, time) => new LogAllowance(time), time);
    }

    [LoggerMessage(1, LogLevel.Warning, "{Endpoint} of {Cluster} is ejected for {Seconds} s ({Reason}); {Ejected} of {Total} endpoints are.", EventName = "Ejected")]
    private partial void LogEjected(string endpoint, ClusterId cluster, double seconds, string reason, int ejected, int total);

    [LoggerMessage(2, LogLevel.Information, "{Endpoint} of {Cluster} is back after {Seconds} s ({Reason}); {Ejected} of {Total} endpoints are ejected.", EventName = "Returned")]
    private partial void LogReturned(string endpoint, ClusterId cluster, double seconds, string reason, int ejected, int total);

    [LoggerMessage(3, LogLevel.Warning, "{Endpoint} of {Cluster} is not ejected although it should be ({Reason}): {Ejected} of {Total} endpoints are, and one more would be over the maxEjectionPercent of {MaxPercent}.", EventName = "EjectionOverflow")]
    private partial void LogOverflow(string endpoint, ClusterId cluster, string reason, int ejected, int total, int maxPercent);

    [LoggerMessage(4, LogLevel.Information, "{Endpoint} of {Cluster} is back after {Seconds} s ({Reason}): no policy ejects endpoints there any more.", EventName = "Released")]
    private partial void LogReleased(string endpoint, ClusterId cluster, double seconds, string reason);

    [LoggerMessage(5, LogLevel.Information, "{Count} more ejections and returns of {Cluster} were not logged.", EventName = "EjectionsWithheld")]
    private partial void LogWithheld(ClusterId cluster, int count);

    [LoggerMessage(6, LogLevel.Error, "Which endpoints requests go to could not be decided anew, and stays as it was: {Reason}", EventName = "SelectionFailed")]
    private partial void LogFailed(string reason, Exception error);
}
