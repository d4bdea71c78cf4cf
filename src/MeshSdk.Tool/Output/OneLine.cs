namespace MeshSdk.Tool.Output;

internal static class OneLine
{
    /// <summary>The text on a single line, as scripts that read standard error line by line expect.</summary>
    public static string Of(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
