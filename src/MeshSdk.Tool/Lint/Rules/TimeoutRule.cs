using MeshSdk.Compilation;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>One try may not take longer than the whole request.</summary>
internal sealed class TimeoutRule : ILintRule
{
    public const string Code = "TimeoutOrder";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        from timeouts in subject.Rules().Select(static rule => rule["timeouts"])
        let request = DurationOf(timeouts["request"])
        let backend = DurationOf(timeouts["backendRequest"])
        where request > TimeSpan.Zero && backend > request
        select timeouts["backendRequest"].Error(Code, "backendRequest cannot be longer than request");

    private static TimeSpan? DurationOf(LintField field) => GatewayDuration.TryParse(field.Text, out var duration) ? duration : null;
}
