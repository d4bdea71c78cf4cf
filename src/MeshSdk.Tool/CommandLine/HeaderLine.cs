namespace MeshSdk.Tool.CommandLine;

internal static class HeaderLine
{
    /// <summary>Reads <c>Name: value</c> as curl's <c>-H</c> takes it.</summary>
    /// <exception cref="UsageException">There is no colon, or nothing before it.</exception>
    public static KeyValuePair<string, string> Parse(string text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0)
        {
            throw new UsageException($"-H '{text}': 'Name: value' is expected");
        }

        return new(text[..colon].Trim(), text[(colon + 1)..].Trim());
    }
}
