using System.Globalization;
using System.Text.Json;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Policies;

/// <summary>
/// A part of an object that is judged by itself: each field that cannot be used becomes an error with its path and takes its default, and costs nothing
/// else. Nothing that may stand in it makes it throw.
/// </summary>
/// <param name="Subject">Whose part it is.</param>
/// <param name="Path">From the root of the object.</param>
/// <param name="Json">As written; null where there is no such part.</param>
/// <param name="Diagnostics">Where problems go.</param>
internal readonly record struct PolicyBlock(Resource Subject, string Path, JsonElement? Json, DiagnosticList Diagnostics)
{
    // What a timer can hold.
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(49);

    public bool Exists => Json is not null;

    /// <summary>A mapping of fields; one of another shape is reported and taken for none.</summary>
    public PolicyBlock Block(string name) => Member(name).Mapping();

    /// <summary>This part itself, where it is a mapping of fields; one of another shape is reported and taken for none.</summary>
    public PolicyBlock Mapping()
    {
        if (Json is not { ValueKind: not JsonValueKind.Object } other)
        {
            return this;
        }

        Fault($"{Short(other)} is no mapping of fields, and left out");
        return this with { Json = null };
    }

    /// <summary>The field as it stands there; null counts as left out.</summary>
    public PolicyBlock Member(string name) => this with
    {
        Path = Path.Length == 0 ? name : $"{Path}.{name}",
        Json = Json is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null,
    };

    /// <summary>The entries of a list; what is no list is reported and has none.</summary>
    public IEnumerable<PolicyBlock> Items(string name)
    {
        var field = Member(name);
        if (field.Json is not { } list)
        {
            yield break;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            field.Fault($"{Short(list)} is no list, and left out");
            yield break;
        }

        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            yield return field with { Path = $"{field.Path}[{index++}]", Json = item };
        }
    }

    /// <summary>
    /// A whole number; null where it is not there or cannot be used. Some of Istio's fields hold more than fits here, and say "never" or "no limit" with the
    /// highest of it: such numbers become the highest that there is.
    /// </summary>
    public int? Number(string name, int lowest, ulong highest)
    {
        var field = Member(name);
        if (field.Json is not { } stated)
        {
            return null;
        }

        // Schemas take 5.0 for a whole number too.
        if (stated.ValueKind == JsonValueKind.Number && stated.TryGetDecimal(out var number) && number == decimal.Truncate(number)
            && number >= lowest && number <= highest)
        {
            return (int)Math.Min(number, int.MaxValue);
        }

        field.Fault(highest >= int.MaxValue
            ? $"{Short(stated)} is no whole number from {Text(lowest)} up, and left out"
            : $"{Short(stated)} is no whole number from {Text(lowest)} to {Text(highest)}, and left out");
        return null;
    }

    /// <summary>A whole number of which 0 means that it is not set, as Istio has it; null where it is not set or cannot be used.</summary>
    public int? Limit(string name, ulong highest = int.MaxValue) => Number(name, 0, highest) is > 0 and var limit ? limit : null;

    /// <summary>A number; null where it is not there or cannot be used.</summary>
    public double? Fraction(string name, double lowest, double highest)
    {
        var field = Member(name);
        if (field.Json is not { } stated)
        {
            return null;
        }

        if (stated.ValueKind == JsonValueKind.Number && stated.TryGetDouble(out var number) && number >= lowest && number <= highest)
        {
            return number;
        }

        field.Fault(highest == double.MaxValue
            ? $"{Short(stated)} is no number from {Text(lowest)} up, and left out"
            : $"{Short(stated)} is no number from {Text(lowest)} to {Text(highest)}, and left out");
        return null;
    }

    /// <summary>A duration; null where it is not there or cannot be used. One that no timer holds is cut.</summary>
    public TimeSpan? Duration(string name, TimeSpan shortest)
    {
        var field = Member(name);
        if (field.Json is not { } stated)
        {
            return null;
        }

        if (stated.ValueKind == JsonValueKind.String && IstioDuration.TryParse(stated.GetString(), out var duration) && duration >= shortest)
        {
            if (duration <= LongestDuration)
            {
                return duration;
            }

            Diagnostics.Warning(Subject, DiagnosticCode.UnsupportedValue, field.Path, $"{Short(stated)} is longer than 49 days, which are used");
            return LongestDuration;
        }

        field.Fault(shortest > TimeSpan.Zero
            ? $"{Short(stated)} is no duration of {GatewayDuration.Format(shortest)} or more, such as 1.5s, and left out"
            : $"{Short(stated)} is no duration, such as 1.5s, and left out");
        return null;
    }

    /// <summary>A duration of a millisecond or more, as Istio asks of nearly all of them.</summary>
    public TimeSpan? Duration(string name) => Duration(name, TimeSpan.FromMilliseconds(1));

    /// <summary>Null where it is not there or is no truth value.</summary>
    public bool? Flag(string name)
    {
        var field = Member(name);
        switch (field.Json?.ValueKind)
        {
            case null:
                return null;
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                field.Fault($"{Short(field.Json.Value)} is neither true nor false, and left out");
                return null;
        }
    }

    /// <summary>A text that is not empty; null where it is not there or is none.</summary>
    public string? Word(string name)
    {
        var field = Member(name);
        return field.Json is null ? null : field.Word();
    }

    /// <summary>This part itself as a text that is not empty; null where it is none.</summary>
    public string? Word()
    {
        if (Json is { ValueKind: JsonValueKind.String } stated)
        {
            return stated.GetString() is { Length: > 0 } text ? text : null;
        }

        if (Json is { } other)
        {
            Fault($"{Short(other)} is no text, and left out");
        }

        return null;
    }

    /// <summary>One of some words; null where it is not there or is none of them.</summary>
    public string? OneOf(string name, params ReadOnlySpan<string> words)
    {
        if (Word(name) is not { } word || words.Contains(word))
        {
            return Word(name);
        }

        Member(name).Fault($"'{Cut(word)}' is not known, and left out; {string.Join(", ", words.ToArray())} are known");
        return null;
    }

    /// <summary>Reports the fields that are none of these, each with the one that may have been meant: what it says would else be lost in silence.</summary>
    /// <returns>This part itself, as it is.</returns>
    public PolicyBlock OnlyKnown(params ReadOnlySpan<string> names)
    {
        if (Json is { ValueKind: JsonValueKind.Object } block)
        {
            foreach (var field in block.EnumerateObject())
            {
                if (!names.Contains(field.Name))
                {
                    Unknown(field.Name, names);
                }
            }
        }

        return this;
    }

    /// <summary>Reports a field that this part does not have.</summary>
    /// <param name="name">As written.</param>
    /// <param name="known">Those that it has.</param>
    public void Unknown(string name, ReadOnlySpan<string> known) => (this with { Path = $"{Path}.{Cut(name)}" }).Ignored(
        NearestName.Of(name, known) is { } meant ? $"there is no such field, and nothing comes of it; did you mean {meant}?" : "there is no such field, and nothing comes of it");

    /// <summary>Reports this part as one that cannot be used.</summary>
    public void Fault(string message) => Diagnostics.Error(Subject, DiagnosticCode.UnsupportedValue, Path, message);

    /// <summary>Reports this part as one that means nothing where it stands.</summary>
    public void Ignored(string message) => Diagnostics.Warning(Subject, DiagnosticCode.Ignored, Path, message);

    /// <summary>Reports this part, where it is there, as one that this version does not act on.</summary>
    public void NotImplemented()
    {
        if (Exists)
        {
            Diagnostics.NotImplemented(Subject, Path);
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>As written, but not at any length: a diagnostic is one line.</summary>
    private static string Short(JsonElement value) => Cut(value.GetRawText());

    private static string Cut(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "…");
}
