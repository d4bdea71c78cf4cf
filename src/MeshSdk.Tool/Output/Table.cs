using System.Text;

namespace MeshSdk.Tool.Output;

/// <summary>A table as kubectl prints it: capital headings, columns as wide as their widest cell and three spaces apart.</summary>
internal sealed class Table(params IReadOnlyList<string> headings)
{
    private const int Gap = 3;

    private readonly List<IReadOnlyList<string>> _rows = [headings];

    public bool IsEmpty => _rows.Count == 1;

    public void Add(params IReadOnlyList<string> row) => _rows.Add([.. row.Select(Printable.Of)]);

    public override string ToString()
    {
        int[] widths = [.. Enumerable.Range(0, headings.Count).Select(column => _rows.Max(row => row[column].Length) + Gap)];
        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Count; column++)
            {
                line.Append(row[column].PadRight(widths[column]));
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
