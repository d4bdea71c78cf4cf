using System.Globalization;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tool.Lint;

/// <summary>A field of an object, whether it is there or not: rules ask for what they need and need not care what else was written.</summary>
/// <param name="Owner">Whose field it is.</param>
/// <param name="Path">As problems have it.</param>
/// <param name="Node">Null where it is not there, or empty, which means the same.</param>
/// <param name="Line">Its own, or that of what it is missing in.</param>
internal readonly record struct LintField(LintObject Owner, string Path, ManifestNode? Node, int Line)
{
    public bool Exists => Node is not null and not ScalarNode { Kind: ScalarKind.Null };

    /// <summary>Null where there is no text.</summary>
    public string? Text => Node is ScalarNode { Kind: ScalarKind.Text } scalar ? scalar.Text : null;

    /// <summary>Null where there is no whole number.</summary>
    public long? Number =>
        Node is ScalarNode { Kind: ScalarKind.Number } scalar && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>Empty where there is no list.</summary>
    public IReadOnlyList<LintField> Items
    {
        get
        {
            if (Node is not SequenceNode list)
            {
                return [];
            }

            var (owner, path) = (Owner, Path);
            return [.. list.Items.Select((item, i) => new LintField(owner, $"{path}[{i}]", item, item.Line))];
        }
    }

    /// <summary>The names of the fields that are there.</summary>
    public IEnumerable<string> Names => Node is MappingNode mapping
        ? mapping.Entries.Where(static entry => entry.Value is not ScalarNode { Kind: ScalarKind.Null }).Select(static entry => entry.Key)
        : [];

    public LintField this[string name]
    {
        get
        {
            var mapping = Node as MappingNode;
            return new LintField(Owner, Path.Length == 0 ? name : $"{Path}.{name}", mapping?[name], mapping?.LineOf(name) ?? Line);
        }
    }

    public LintField At(int index) => Node is SequenceNode list && index < list.Items.Count
        ? new LintField(Owner, $"{Path}[{index}]", list.Items[index], list.Items[index].Line)
        : new LintField(Owner, $"{Path}[{index}]", null, Line);

    public LintFinding Error(string code, string message) => Owner.Finding(LintFinding.Error, code, Path, Line, message);

    public LintFinding Warning(string code, string message) => Owner.Finding(LintFinding.Warning, code, Path, Line, message);

    public LintFinding Info(string code, string message) => Owner.Finding(LintFinding.Info, code, Path, Line, message);
}
