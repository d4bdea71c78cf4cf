using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

/// <summary>
/// Logs, and never throws. A provider of the application's that fails loses its own line; the configuration of the mesh goes on.
/// </summary>
internal sealed class UnfailingLogger<T>(ILoggerFactory loggers) : ILogger<T>
{
    private readonly ILogger _inner = loggers.CreateLogger<T>();

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
