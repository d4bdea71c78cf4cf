using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>
/// A set of fields of an object, as <c>fieldsV1</c> writes it: a tree whose steps are <c>f:name</c> (a field), <c>k:{…}</c> (an item by its keys)
/// or <c>v:…</c> (an item by its value). A place may be a member while places below it are, too.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> _below = new(StringComparer.Ordinal);

    public bool IsMember { get; set; }

    public IReadOnlyDictionary<string, FieldSet> Below => _below;

    public bool IsEmpty => !IsMember && _below.Values.All(part => part.IsEmpty);

    /// <summary>The part below a step, made where there is none yet.</summary>
    public FieldSet At(string step) => _below.TryGetValue(step, out var part) ? part : _below[step] = new FieldSet();

    public FieldSet? Find(string step) => _below.GetValueOrDefault(step);

    public void Put(string step, FieldSet part) => _below[step] = part;

    public void Remove(string step) => _below.Remove(step);

    public FieldSet Union(FieldSet? other) => Combine(other, static (mine, its) => mine || its);

    public FieldSet Intersect(FieldSet? other) => Combine(other, static (mine, its) => mine && its);

    public FieldSet Except(FieldSet? other) => Combine(other, static (mine, its) => mine && !its);

    /// <summary>Every place that is in the set or leads to one.</summary>
    public FieldSet WithAncestors()
    {
        var result = new FieldSet { IsMember = !IsEmpty };
        foreach (var (step, part) in _below)
        {
            if (!part.IsEmpty)
            {
                result._below[step] = part.WithAncestors();
            }
        }

        return result;
    }

    public bool SetEquals(FieldSet other) => Combine(other, static (mine, its) => mine != its).IsEmpty;

    /// <summary>The members as kubectl shows them: <c>.spec.ports[port=80,protocol="TCP"].name</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (IsMember)
        {
            yield return prefix;
        }

        foreach (var (step, part) in _below)
        {
            foreach (var path in part.Paths(prefix + Show(step)))
            {
                yield return path;
            }
        }
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && _below.Values.Any(part => !part.IsEmpty))
        {
            json["."] = new JsonObject();
        }

        foreach (var (step, part) in _below)
        {
            if (!part.IsEmpty)
            {
                json[step] = part.ToJson();
            }
        }

        return json;
    }

    public static FieldSet FromJson(JsonObject json, bool isRoot = true)
    {
        var set = new FieldSet { IsMember = !isRoot && (json.Count == 0 || json.ContainsKey(".")) };
        foreach (var (step, part) in json)
        {
            if (step != "." && part is JsonObject below)
            {
                // A step may be written in another form (blanks, order of keys) than this class writes it in.
                var form = step.StartsWith("k:", StringComparison.Ordinal) && Parse(step[2..]) is JsonObject keys ? FieldSteps.Keys(keys) : step;
                set._below[form] = FromJson(below, isRoot: false);
            }
        }

        return set;
    }

    private FieldSet Combine(FieldSet? other, Func<bool, bool, bool> isMember)
    {
        var result = new FieldSet { IsMember = isMember(IsMember, other?.IsMember ?? false) };
        IEnumerable<string> steps = other is null ? _below.Keys : _below.Keys.Union(other._below.Keys);
        foreach (var step in steps)
        {
            var part = (Find(step) ?? new FieldSet()).Combine(other?.Find(step), isMember);
            if (!part.IsEmpty)
            {
                result._below[step] = part;
            }
        }

        return result;
    }

    private static string Show(string step) => step[..2] switch
    {
        "f:" => "." + step[2..],
        "k:" when Parse(step[2..]) is JsonObject keys => $"[{string.Join(",", keys.Select(key => $"{key.Key}={PlainJson.Text(key.Value)}"))}]",
        _ => $"[{step[2..]}]",
    };

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
