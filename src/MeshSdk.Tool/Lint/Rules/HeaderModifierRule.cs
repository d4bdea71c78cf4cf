namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Header names that a filter must not touch, and such as it names twice.</summary>
internal sealed class HeaderModifierRule : ILintRule
{
    public const string Framing = "FramingHeader";
    public const string Repeated = "HeaderRepeated";

    // They say how the message is cut, and belong to the connection: whoever changes them changes where the next request begins.
    private static readonly HashSet<string> FramingHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Length", "Transfer-Encoding", "Connection", "TE", "Upgrade", "Trailer", "Keep-Alive", "Proxy-Connection",
    };

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var modifier in subject.Filters()
            .SelectMany(static filter => new[] { filter["requestHeaderModifier"], filter["responseHeaderModifier"] }))
        {
            LintField[] names =
            [
                .. modifier["set"].Items.Select(static header => header["name"]),
                .. modifier["add"].Items.Select(static header => header["name"]),
                .. modifier["remove"].Items,
            ];
            foreach (var name in names.Where(static name => name.Text is { } text && (FramingHeaders.Contains(text) || text.StartsWith(':'))))
            {
                var message = $"'{name.Text}' says how a message is framed, which no filter may change";
                yield return subject.IsForGatewaysAlone ? name.Info(Framing, message) : name.Error(Framing, message);
            }

            foreach (var name in names.Repeated(static name => name.Text, StringComparer.OrdinalIgnoreCase))
            {
                var message = $"'{name.Text}' is named before in this filter, by another letter case or another action; one action a header is allowed";
                yield return subject.IsForGatewaysAlone ? name.Info(Repeated, message) : name.Warning(Repeated, message);
            }
        }
    }
}
