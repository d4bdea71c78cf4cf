using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MeshSdk.Testing.Schemas;

/// <summary>What a schema says of a single text or number.</summary>
internal static class ScalarRules
{
    private static readonly ConcurrentDictionary<string, Regex?> Patterns = new(StringComparer.Ordinal);

    public static void Check(JsonObject? facets, JsonNode value, string path, FieldErrors errors)
    {
        if (facets is null)
        {
            return;
        }

        if (facets["enum"] is JsonArray values && !values.Any(allowed => JsonNode.DeepEquals(allowed, value)))
        {
            errors.Unsupported(path, value, values);
        }

        if (PlainJson.String(value) is { } text)
        {
            Text(facets, text, value, path, errors);
        }
        else if (PlainJson.Number(value) is { } number)
        {
            Number(facets, number, value, path, errors);
        }
    }

    private static void Text(JsonObject facets, string text, JsonNode value, string path, FieldErrors errors)
    {
        var length = text.EnumerateRunes().Count();
        if (Number(facets, "minLength") is { } least && length < least)
        {
            errors.Invalid(path, value, $"{path} in body should be at least {least} chars long");
        }

        if (Number(facets, "maxLength") is { } most && length > most)
        {
            errors.TooLong(path, (long)most);
        }

        if (PlainJson.String(facets["pattern"]) is { } pattern && Patterns.GetOrAdd(pattern, Compile)?.IsMatch(text) == false)
        {
            errors.Invalid(path, value, $"{path} in body should match '{pattern}'");
        }

        if (PlainJson.String(facets["format"]) is { } format && !IsOfFormat(text, format))
        {
            errors.Invalid(path, value, $"{path} in body must be of type {format}: {PlainJson.Text(value)}");
        }
    }

    private static void Number(JsonObject facets, double number, JsonNode value, string path, FieldErrors errors)
    {
        if (Number(facets, "minimum") is { } least && number < least)
        {
            errors.Invalid(path, value, $"{path} in body should be greater than or equal to {least}");
        }

        if (Number(facets, "maximum") is { } most && number > most)
        {
            errors.Invalid(path, value, $"{path} in body should be less than or equal to {most}");
        }

        if (PlainJson.String(facets["format"]) == "int32" && number is < int.MinValue or > int.MaxValue)
        {
            errors.Invalid(path, value, $"{path} in body must be of type int32: {PlainJson.Text(value)}");
        }
    }

    private static double? Number(JsonObject facets, string name) => PlainJson.Number(facets[name]);

    private static bool IsOfFormat(string text, string format) => format switch
    {
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) && text.Contains('T', StringComparison.Ordinal),
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        "ipv4" => System.Net.IPAddress.TryParse(text, out var address) && address.GetAddressBytes().Length == 4,
        "ipv6" => System.Net.IPAddress.TryParse(text, out var address) && address.GetAddressBytes().Length == 16,
        _ => true,
    };

    /// <summary>Patterns are written for RE2, which is linear; null for one that .NET cannot read, which then lets all pass.</summary>
    private static Regex? Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
