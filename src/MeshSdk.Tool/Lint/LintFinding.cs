namespace MeshSdk.Tool.Lint;

/// <summary>
/// One thing that is wrong or odd. The properties and their order are a public interface that scripts read: may grow, never change.
/// </summary>
/// <param name="Severity"><see cref="Error"/>, <see cref="Warning"/> or <see cref="Info"/>.</param>
/// <param name="Code">A stable word for scripts.</param>
/// <param name="Object">As in <c>HTTPRoute shop/web</c>; the document where it holds no object that can be named.</param>
/// <param name="Path">The field; empty where the object as a whole is meant.</param>
/// <param name="File">As the command line names it.</param>
/// <param name="Line">One-based: that of the field, or of what it is missing in.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
internal sealed record LintFinding(string Severity, string Code, string Object, string Path, string? File, int? Line, string Message)
{
    public const string Error = "error";
    public const string Warning = "warning";
    public const string Info = "info";

    public override string ToString() =>
        $"{File}{(Line is { } line ? $":{line}" : "")}: {Severity} {Code} {Object}{(Path.Length == 0 ? "" : $" {Path}")}: {Message}";
}
