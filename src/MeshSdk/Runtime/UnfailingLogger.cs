using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

/// <summary>
/// Logs, and never throws. A provider of the application's that fails loses its own line; the configuration of the mesh goes on.
/// </summary>
internal sealed class UnfailingLogger<T>(ILoggerFactory loggers) : UnfailingLogger(loggers.CreateLogger<T>()), ILogger<T>;

/// <inheritdoc cref="UnfailingLogger{T}"/>
internal class UnfailingLogger(ILogger inner) : ILogger
{
    private readonly ILogger _inner = inner;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return _inner.BeginScope(state);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            _inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nowhere left to tell it.
        }
    }
}
