namespace MeshSdk.Tool.CommandLine;

/// <summary>The URL of a request as people type it: as curl does, http where no scheme is given.</summary>
internal static class RequestUrl
{
    /// <exception cref="FormatException">It is no URL that a request can go to.</exception>
    public static Uri Parse(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var hasScheme = end >= 0 && text.AsSpan(0, end).IndexOfAny(":/?#") < 0;
        var absolute = hasScheme ? text : $"http://{text}";
        return Uri.TryCreate(absolute, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0 }
            ? url
            : throw new FormatException($"URL '{text}': an http:// or https:// URL is expected");
    }
}
