using MeshSdk.Kubernetes.Watching;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes;

// What is wrong with objects and watches travels with the events, and whoever puts them in force tells it.
internal sealed partial class KubernetesSource
{
    [LoggerMessage(
        1, LogLevel.Warning, "The API server has not answered yet; a snapshot of {Time:u} is served until it does.", EventName = "ServedFromSnapshot")]
    private partial void LogServedFromSnapshot(DateTimeOffset time);

    [LoggerMessage(2, LogLevel.Error, "Following {Target} failed and begins anew; what was read stays in force.", EventName = "ReflectorFailed")]
    private partial void LogReflectorFailed(WatchTarget target, Exception error);

    [LoggerMessage(3, LogLevel.Error, "A fault of the source itself; it goes on, and what is in force stays.", EventName = "SourceFault")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(
        4, LogLevel.Warning, "The API server cannot be followed yet, which is tried again until it can: {Reason}", EventName = "NotConnected")]
    private partial void LogUnconnected(string reason, Exception error);
}
