using System.Collections.Immutable;
using MeshSdk.Sources.Files;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Sources;

internal sealed partial class ManifestSource
{
    private void LogProblems(ImmutableArray<MeshDiagnostic> before, ImmutableArray<MeshDiagnostic> now, IReadOnlyList<ManifestFile> files)
    {
        var kept = files.Where(file => file.KeepsLastGood).SelectMany(file => file.Problems).ToHashSet();
        foreach (var problem in now.Except(before))
        {
            switch (problem.Severity)
            {
                case DiagnosticSeverity.Info when _notesLogged.Add(problem.Message):
                    LogNote(problem);
                    break;
                case DiagnosticSeverity.Error when kept.Contains(problem):
                    LogKept(problem);
                    break;
                case DiagnosticSeverity.Error or DiagnosticSeverity.Warning:
                    LogProblem(problem);
                    break;
            }
        }

        foreach (var file in Faulty(before).Except(Faulty(now)))
        {
            LogRecovered(file);
        }

        static IEnumerable<string> Faulty(ImmutableArray<MeshDiagnostic> problems) =>
            problems.Where(problem => problem.Severity == DiagnosticSeverity.Error && problem.File is not null).Select(problem => problem.File!);
    }

    [LoggerMessage(1, LogLevel.Warning, "{Problem}", EventName = "ManifestProblem")]
    private partial void LogProblem(MeshDiagnostic problem);

    [LoggerMessage(2, LogLevel.Warning, "{Problem}; the last good version stays in force", EventName = "ManifestKept")]
    private partial void LogKept(MeshDiagnostic problem);

    [LoggerMessage(3, LogLevel.Information, "The errors in {File} are gone", EventName = "ManifestRecovered")]
    private partial void LogRecovered(string file);

    [LoggerMessage(4, LogLevel.Information, "{Problem}", EventName = "ManifestNote")]
    private partial void LogNote(MeshDiagnostic problem);

    [LoggerMessage(5, LogLevel.Information, "The system does not report changes in {Directory}; they are looked for every {Interval}", EventName = "ManifestsPolled")]
    private partial void LogNotWatched(string directory, TimeSpan interval);

    [LoggerMessage(6, LogLevel.Error, "The manifests could not be looked at; what was read before stays in force", EventName = "ManifestScanFailed")]
    private partial void LogScanFailed(Exception fault);
}
