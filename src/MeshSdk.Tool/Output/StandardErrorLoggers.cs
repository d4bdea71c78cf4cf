using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Output;

/// <summary>Shows the library's warnings and errors as notes, one line each.</summary>
internal sealed class StandardErrorLoggers(Terminal terminal) : ILoggerFactory, ILogger
{
    /// <summary>While true nothing is shown.</summary>
    public bool IsMuted { get; set; }

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
        if (IsEnabled(logLevel))
        {
            terminal.Note(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
