namespace MeshSdk.Compilation.Inbound;

/// <summary>
/// Values of an authorization policy that are sound by their form and match no call all the same. Each answers what is meant instead, for people; null where
/// nothing is odd.
/// </summary>
internal static class AuthorizationSlips
{
    private const string Star = "a star counts at the beginning or at the end alone";

    public static string? OfPrincipal(string text) =>
        text.StartsWith("spiffe://", StringComparison.Ordinal) ? "identities stand here without spiffe://"
        : HasStarWithin(text) ? Star
        : null;

    public static string? OfNamespace(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? "namespaces stand here by their name alone; NAMESPACE/ACCOUNT is for serviceAccounts" : null;

    public static string? OfMethod(string text) =>
        text.Any(char.IsAsciiLetterLower) ? "methods are compared as they are written, and are upper case" : null;

    public static string? OfHost(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? "hosts are compared with the Host header, which has neither a scheme nor a path"
        : HasStarWithin(text) ? Star
        : null;

    public static string? OfPath(string text) => text switch
    {
        _ when text.Contains('?', StringComparison.Ordinal) => "paths are compared without their query",
        [not ('/' or '*'), ..] => "paths begin with a slash",
        _ when !text.Contains('{', StringComparison.Ordinal) && HasStarWithin(text) => $"{Star}; {{*}} stands for a segment",
        _ => null,
    };

    private static bool HasStarWithin(string text) => text.Length > 2 && text.AsSpan(1, text.Length - 2).Contains('*');
}
