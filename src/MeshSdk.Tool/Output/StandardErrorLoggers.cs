using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Output;

/// <summary>Shows the library's warnings and errors as notes, one line each.</summary>
internal sealed class StandardErrorLoggers(Terminal terminal) : ILoggerFactory, ILogger
{
    /// <summary>While true nothing is shown.</summary>
    public bool IsMuted { get; set; }

    /// <summary>Problems of the configuration that the command tells in a way of its own.</summary>
    public Func<MeshDiagnostic, bool> IsToldElsewhere { get; init; } = static _ => false;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    // What is critical ends the command, and is told as the reason for that.
    public bool IsEnabled(LogLevel logLevel) => !IsMuted && logLevel is (LogLevel.Warning or LogLevel.Error);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && !(ProblemOf(state) is { } problem && IsToldElsewhere(problem)))
        {
            terminal.Note(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }

    private static MeshDiagnostic? ProblemOf<TState>(TState state) =>
        state is IReadOnlyList<KeyValuePair<string, object?>> values ? values.Select(static value => value.Value).OfType<MeshDiagnostic>().FirstOrDefault() : null;
}
