using MeshSdk.Model;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

internal sealed partial class MeshRuntime
{
    private readonly StandingProblems _problems = new();

    // Each problem is told once, when it appears, and once more when it is gone.
    private void LogChange(MeshSnapshot previous, MeshSnapshot snapshot, IReadOnlyCollection<ServiceId> changed)
    {
        var (appeared, solved) = _problems.Replace(DiagnosticsOf(previous, changed), DiagnosticsOf(snapshot, changed));
        foreach (var diagnostic in appeared)
        {
            var level = LevelOf(diagnostic);
            LogProblem(level, diagnostic);
        }

        foreach (var diagnostic in solved)
        {
            // Not what it said, which would read as if it were so.
            LogSolved($"{diagnostic.Subject}{(diagnostic.Path.Length == 0 ? "" : $" {diagnostic.Path}")} [{diagnostic.Code}]");
        }

        if (_logger.IsEnabled(LogLevel.Debug))
        {
            var services = string.Join(", ", changed.Take(10));
            LogPublished(snapshot.Revision, services, changed.Count);
        }
    }

    private static IEnumerable<MeshDiagnostic> DiagnosticsOf(MeshSnapshot snapshot, IEnumerable<ServiceId> changed) =>
        snapshot.Diagnostics.Concat(changed.SelectMany(id => snapshot.Services.GetValueOrDefault(id)?.Diagnostics ?? []));

    private static LogLevel LevelOf(MeshDiagnostic diagnostic) => diagnostic.Severity switch
    {
        DiagnosticSeverity.Error => LogLevel.Error,
        DiagnosticSeverity.Warning => LogLevel.Warning,
        _ => LogLevel.Information,
    };

    [LoggerMessage(1, LogLevel.Information, "The mesh is ready: {Services} services, {Endpoints} endpoints.", EventName = "Ready")]
    private partial void LogReady(int services, int endpoints);

    [LoggerMessage(2, LogLevel.Critical, "The mesh cannot start: {Reason}", EventName = "CannotStart")]
    private partial void LogCannotStart(string reason, Exception error);

    [LoggerMessage(3, LogLevel.Error, "The configuration source has ended, and the last configuration stays in force: {Reason}", EventName = "SourceLost")]
    private partial void LogSourceLost(string reason, Exception error);

    [LoggerMessage(4, LogLevel.Debug, "Snapshot {Revision} is in force; {Count} services changed: {Services}.", EventName = "Published")]
    private partial void LogPublished(long revision, string services, int count);

    [LoggerMessage(EventId = 5, EventName = "Problem", Message = "{Diagnostic}")]
    private partial void LogProblem(LogLevel level, MeshDiagnostic diagnostic);

    [LoggerMessage(6, LogLevel.Information, "Solved: {Problem}", EventName = "Solved")]
    private partial void LogSolved(string problem);

    [LoggerMessage(7, LogLevel.Warning, "Security is off: what policies want encrypted is sent in plaintext (Mesh:Security).", EventName = "SecurityOff")]
    private partial void LogSecurityOff();

    [LoggerMessage(20, LogLevel.Information, "Every call passes through: a sidecar does the mesh's work ({Evidence}).", EventName = "SidecarPresent")]
    private partial void LogSidecar(string evidence);

    [LoggerMessage(8, LogLevel.Error, "A change could not be put in force and will be tried again; what was in force stays so: {Reason}", EventName = "PublishFailed")]
    private partial void LogPublishFailed(string reason, Exception error);
}
