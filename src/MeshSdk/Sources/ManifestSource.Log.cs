using Microsoft.Extensions.Logging;

namespace MeshSdk.Sources;

// What is wrong with the manifests themselves travels with the events, and whoever puts them in force tells it.
internal sealed partial class ManifestSource
{
    [LoggerMessage(1, LogLevel.Information, "The system does not report changes in {Directory}; they are looked for every {Interval}", EventName = "ManifestsPolled")]
    private partial void LogNotWatched(string directory, TimeSpan interval);

    [LoggerMessage(2, LogLevel.Error, "The manifests could not be looked at; what was read before stays in force", EventName = "ManifestScanFailed")]
    private partial void LogScanFailed(Exception fault);

    [LoggerMessage(3, LogLevel.Information, "The manifests can be looked at again", EventName = "ManifestScanRecovered")]
    private partial void LogScanRecovered();
}
