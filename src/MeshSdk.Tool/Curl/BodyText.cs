using System.Text;

namespace MeshSdk.Tool.Curl;

internal static class BodyText
{
    /// <summary>The body in the charset that it declares, else as UTF-8.</summary>
    public static string Of(HttpContent content, byte[] body) => EncodingOf(content.Headers.ContentType?.CharSet).GetString(body);

    private static Encoding EncodingOf(string? charset)
    {
        try
        {
            return charset is null ? Encoding.UTF8 : Encoding.GetEncoding(charset.Trim('"'));
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}
