using System.Globalization;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Inbound;

/// <summary>Reads the values of an authorization policy; null is one that cannot be read.</summary>
internal static class AuthorizationValues
{
    private const int HighestPort = 65535;

    public static TextPattern[] Text(string text) => [TextPattern.Parse(text)];

    /// <summary>The namespace is one of the parts of an identity, and any star in it spans several.</summary>
    public static GlobPattern[] Namespace(string text) => [new($"*/ns/{text}/*")];

    /// <param name="text"><c>ACCOUNT</c> or <c>NAMESPACE/ACCOUNT</c>, without stars.</param>
    /// <param name="namespace">Where it does not say.</param>
    public static AccountPattern[]? Account(string text, string @namespace)
    {
        string[] parts = text.Contains('/', StringComparison.Ordinal) ? text.Split('/') : [@namespace, text];
        return parts.Length != 2 || parts.Contains("") || text.Contains('*', StringComparison.Ordinal) ? null : [new(parts[0], parts[1])];
    }

    public static AddressBlock[]? Block(string text) => AddressBlock.TryParse(text, out var block) ? [block] : null;

    public static int[]? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= HighestPort ? [port] : null;

    public static PathPattern[]? Path(string text) =>
        !PathTemplate.IsMeant(text) ? [new(TextPattern.Parse(text), null)]
        : PathTemplate.Parse(text) is { } template ? [new(default, template)]
        : null;
}
