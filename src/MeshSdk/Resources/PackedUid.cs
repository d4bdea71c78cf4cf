using System.Security.Cryptography;
using System.Text;

namespace MeshSdk.Resources;

/// <summary>
/// A uid, as a number where it has the form that Kubernetes gives it: the text would take five times the room. Any other text is kept as it is.
/// </summary>
internal readonly record struct PackedUid
{
    private readonly Guid _number;
    private readonly string? _text;

    public PackedUid(string? text) => (_number, _text) = IsCanonical(text, out var number) ? (number, null) : (Guid.Empty, text);

    /// <summary>As it was given.</summary>
    public string? Text => _text ?? (_number == Guid.Empty ? null : _number.ToString("D"));

    /// <summary>As a number: a hash where it has another form than Kubernetes gives it, empty where there is none.</summary>
    public Guid Number => string.IsNullOrEmpty(_text) ? _number : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(_text)).AsSpan(0, 16));

    private static bool IsCanonical(string? text, out Guid number)
    {
        Span<char> canonical = stackalloc char[36];
        return Guid.TryParseExact(text, "D", out number)
            && number != Guid.Empty
            && number.TryFormat(canonical, out _, "D")
            && canonical.SequenceEqual(text);
    }
}
