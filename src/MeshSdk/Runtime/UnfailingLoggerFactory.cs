using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

/// <summary>Makes loggers that never throw, over those of the application.</summary>
internal sealed class UnfailingLoggerFactory(ILoggerFactory loggers) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new UnfailingLogger(loggers.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    // They are the application's.
    public void Dispose()
    {
    }
}
