namespace MeshSdk.Tool.CommandLine;

/// <summary>The method of a request as people state it.</summary>
internal static class RequestMethod
{
    /// <param name="source">Where the text was given, as in <c>-X</c>.</param>
    /// <param name="text">Null: not given.</param>
    /// <exception cref="FormatException">No request can have such a method.</exception>
    public static string? Check(string source, string? text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            return new HttpMethod(text).Method;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new FormatException($"{source} '{text}': an HTTP method such as GET is expected", e);
        }
    }
}
