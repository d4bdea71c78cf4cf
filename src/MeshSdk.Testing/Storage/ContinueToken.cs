using System.Buffers.Text;
using System.Globalization;
using System.Text;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Storage;

/// <summary>Where the next page of a list begins, and of which moment it is to be. Opaque to clients.</summary>
/// <param name="Revision">Negative: of the moment at which it is asked for, because its own has been compacted.</param>
internal sealed record ContinueToken(long Revision, ObjectKey After)
{
    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Revision}\n{After.Namespace}\n{After.Name}"));

    /// <exception cref="ApiException">400: it is none of this server's tokens.</exception>
    public static ContinueToken Decode(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('\n') is [var revision, var ns, var name]
                ? new(long.Parse(revision, CultureInfo.InvariantCulture), new(ns, name))
                : throw new FormatException();
        }
        catch (FormatException)
        {
            throw ApiException.BadRequest("continue key is not valid");
        }
    }
}
