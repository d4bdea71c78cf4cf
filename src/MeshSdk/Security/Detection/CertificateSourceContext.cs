using Microsoft.Extensions.Logging;

namespace MeshSdk;

/// <summary>What an <see cref="ICertificateSourceDetector"/> finds around the mesh that it looks for.</summary>
public sealed class CertificateSourceContext
{
    private readonly Func<string, string?> _variables;

    /// <param name="variables">Reads an environment variable; null and empty mean that it is not set.</param>
    /// <param name="time">The clock of the mesh.</param>
    /// <param name="loggers">Where the mesh logs.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public CertificateSourceContext(Func<string, string?> variables, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loggers);
        _variables = variables;
        Time = time;
        Loggers = loggers;
    }

    /// <summary>The clock of the mesh. Whatever a source waits for, it waits for by this one.</summary>
    public TimeProvider Time { get; }

    /// <summary>Where the mesh logs.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>The value of an environment variable; null where it is not set, or empty.</summary>
    public string? Variable(string name) => _variables(name) is { Length: > 0 } value ? value : null;
}
