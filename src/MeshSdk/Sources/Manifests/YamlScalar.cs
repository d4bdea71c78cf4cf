using System.Globalization;
using System.Text.RegularExpressions;

namespace MeshSdk.Sources.Manifests;

/// <summary>
/// What an unquoted word of YAML means. Where YAML 1.1 and 1.2 differ kubectl decides, since the same file goes to a cluster:
/// <c>yes</c>, <c>no</c>, <c>on</c>, <c>off</c>, <c>y</c> and <c>n</c> are booleans, <c>0644</c> and <c>0o644</c> are octal, <c>1_000</c> is a thousand,
/// a whole float such as <c>1e3</c> serves as an integer, and dates stay texts.
/// </summary>
internal static partial class YamlScalar
{
    private const string CorePrefix = "tag:yaml.org,2002:";

    /// <summary>Null: a tag was given that the text does not fit, or the number cannot be written as JSON.</summary>
    public static ScalarNode? Resolve(int line, string text, bool plain, string? tag)
    {
        var type = tag is not null && tag.StartsWith(CorePrefix, StringComparison.Ordinal) ? tag[CorePrefix.Length..] : tag;
        switch (type)
        {
            case null:
                return plain ? Plain(line, text) : new ScalarNode(line, ScalarKind.Text, text);
            case "null":
                return Plain(line, text) is { Kind: ScalarKind.Null } empty ? empty : null;
            case "bool":
                return Plain(line, text) is { Kind: ScalarKind.True or ScalarKind.False } boolean ? boolean : null;
            case "int":
                return Plain(line, text) is { Kind: ScalarKind.Number } number && !number.Text.AsSpan().ContainsAny(".E") ? number : null;
            case "float":
                return Plain(line, text) is { Kind: ScalarKind.Number } real ? real : null;
            default:
                return new ScalarNode(line, ScalarKind.Text, text);
        }
    }

    private static ScalarNode? Plain(int line, string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return new ScalarNode(line, ScalarKind.Null, text);
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y":
                return new ScalarNode(line, ScalarKind.True, text);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N":
                return new ScalarNode(line, ScalarKind.False, text);
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF":
                return null;
        }

        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
        {
            return new ScalarNode(line, ScalarKind.Text, text);
        }

        var digits = text[0] != '.' && text.Contains('_', StringComparison.Ordinal) ? text.Replace("_", "", StringComparison.Ordinal) : text;
        if (Integer(digits) is { } integer)
        {
            return new ScalarNode(line, ScalarKind.Number, integer);
        }

        if (Float().IsMatch(digits))
        {
            return JsonNumber(digits) is { } number ? new ScalarNode(line, ScalarKind.Number, number) : null;
        }

        return new ScalarNode(line, ScalarKind.Text, text);
    }

    /// <summary>A decimal float as JSON writes it, without a fraction where it has none: what counts is the value. Null: too large.</summary>
    public static string? JsonNumber(string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            return null;
        }

        // Beyond 2^53 neighbouring integers are one double, and no field of the mesh is that large.
        return Math.Abs(value) <= 1L << 53 && Math.Floor(value) == value
            ? ((long)value).ToString(CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture);
    }

    private static string? Integer(ReadOnlySpan<char> text)
    {
        var negative = text.Length > 0 && text[0] == '-';
        if (text.Length > 0 && text[0] is '+' or '-')
        {
            text = text[1..];
        }

        var radix = 10;
        if (text.Length > 1 && text[0] == '0')
        {
            (radix, var skip) = text[1] switch
            {
                'x' or 'X' => (16, 2),
                'o' or 'O' => (8, 2),
                'b' or 'B' => (2, 2),
                _ => (8, 1),
            };
            text = text[skip..];
        }

        if (text.Length == 0)
        {
            return null;
        }

        var value = 0UL;
        foreach (var c in text)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix || value > (ulong.MaxValue - (ulong)digit) / (ulong)radix)
            {
                return null;
            }

            value = (value * (ulong)radix) + (ulong)digit;
        }

        return (negative && value > 0 ? "-" : "") + value.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
