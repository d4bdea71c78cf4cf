namespace MeshSdk;

/// <summary>How much a <see cref="MeshDiagnostic"/> matters.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Worth knowing; nothing behaves differently from what was written.</summary>
    Info,

    /// <summary>Something that was written is not acted on, or probably means something else.</summary>
    Warning,

    /// <summary>Something that was written cannot be used: some requests fail, or the last good version stays in force.</summary>
    Error,
}
