using System.Text;

namespace MeshSdk.Tool.Output;

/// <summary>Lines at levels of three spaces each, as long as they come: to wrap them is for the terminal.</summary>
internal sealed class IndentedText
{
    private const int Width = 3;

    private readonly StringBuilder _text = new();
    private int _level;

    public void Line(string line) => _text.Append(' ', Width * _level).Append(Printable.Of(line)).Append('\n');

    /// <summary>What follows is one level deeper until the result is disposed.</summary>
    public IDisposable Indent() => new Level(this);

    public override string ToString() => _text.ToString();

    private sealed class Level : IDisposable
    {
        private readonly IndentedText _owner;

        public Level(IndentedText owner)
        {
            _owner = owner;
            owner._level++;
        }

        public void Dispose() => _owner._level--;
    }
}
