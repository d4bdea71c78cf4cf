using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MeshSdk.Sources.Files;

/// <summary>
/// The text of a file: UTF-8, or what a byte order mark says. Bytes that are none are a fault, and not replaced: what they stood for may be what matters.
/// </summary>
internal static class ManifestText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="bytes">The whole file.</param>
    /// <param name="text">Null where it is no text.</param>
    /// <param name="line">Where it ceases to be text, from 1.</param>
    public static bool TryDecode(byte[] bytes, [NotNullWhen(true)] out string? text, out int line)
    {
        line = 1;
        try
        {
            text = EncodingOf(bytes).GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException fault)
        {
            text = null;
            line += bytes.AsSpan(0, Math.Clamp(fault.Index, 0, bytes.Length)).Count((byte)'\n');
            return false;
        }
    }

    public static MeshDiagnostic Fault(string name, int line) =>
        new(DiagnosticSeverity.Error, ManifestCodes.UnreadableFile, name, "", "the file is not text in UTF-8") { File = name, Line = line };

    private static Encoding EncodingOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xFE, 0, 0, ..] => new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
        [0, 0, 0xFE, 0xFF, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true),
        [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
        _ => Utf8,
    };
}
