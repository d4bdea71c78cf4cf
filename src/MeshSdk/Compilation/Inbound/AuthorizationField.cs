using System.Text.Json;
using MeshSdk.Compilation.Policies;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>A part of an authorization policy as it is written, with the place where it stands. Null counts as left out.</summary>
/// <param name="Policy">Whose part it is.</param>
/// <param name="Path">From the root of the object.</param>
/// <param name="Json">As written; null where there is no such part.</param>
internal readonly record struct AuthorizationField(AuthorizationPolicy Policy, string Path, JsonElement? Json)
{
    public static AuthorizationField SpecOf(AuthorizationPolicy policy) =>
        new(policy, "spec", policy.Spec is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } spec ? spec : null);

    /// <summary>Of a member of a mapping.</summary>
    public string Name { get; private init; } = "";

    public bool Exists => Json is not null;

    public bool IsMapping => Json is null or { ValueKind: JsonValueKind.Object };

    public bool IsList => Json is null or { ValueKind: JsonValueKind.Array };

    /// <summary>The text that it is; null where it is none.</summary>
    public string? Text => Json is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public AuthorizationField this[string name] => this with
    {
        Path = $"{Path}.{name}",
        Json = Json is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null,
    };

    /// <summary>The entries of a list. One that is null is there all the same, as what it is.</summary>
    public IEnumerable<AuthorizationField> Items()
    {
        if (Json is not { ValueKind: JsonValueKind.Array } list)
        {
            yield break;
        }

        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            yield return this with { Path = $"{Path}[{index++}]", Json = item };
        }
    }

    /// <summary>The members of a mapping.</summary>
    public IEnumerable<AuthorizationField> Members()
    {
        if (Json is not { ValueKind: JsonValueKind.Object } mapping)
        {
            yield break;
        }

        foreach (var member in mapping.EnumerateObject())
        {
            yield return this with { Name = member.Name, Path = $"{Path}.{Cut(member.Name)}", Json = member.Value };
        }
    }

    /// <summary>Members that are none of these, and those that stand there twice, so that it is not certain which of them is meant.</summary>
    public IEnumerable<(AuthorizationField Field, string Problem)> Odd(string[] known)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in Members())
        {
            if (!names.Add(field.Name))
            {
                yield return (field, "it stands there twice");
            }
            else if (!known.Contains(field.Name))
            {
                var meant = NearestName.Of(field.Name, known);
                yield return (field, meant is null ? "there is no such field" : $"there is no such field (did you mean {meant}?)");
            }
        }
    }

    /// <summary>As written, but not at any length: a diagnostic is one line.</summary>
    public override string ToString() => Json is { } json ? Cut(json.GetRawText()) : "";

    private static string Cut(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= 60 ? line : string.Concat(line.AsSpan(0, 57), "…");
    }
}
