namespace MeshSdk.Tool.Output;

/// <summary>The three streams of a command. The answer and nothing else goes to standard output.</summary>
internal sealed class Terminal(TextReader stdin, TextWriter stdout, TextWriter stderr)
{
    // The library logs from threads of its own.
    private readonly TextWriter _error = TextWriter.Synchronized(stderr);

    public TextReader In { get; } = stdin;

    public TextWriter Out { get; } = stdout;

    public TextWriter Error => _error;

    public void Note(string message) => _error.WriteLine($"mesh: {OneLine.Of(message)}");

    public Task WriteLineAsync(string line) => WriteAsync(line + Environment.NewLine);

    /// <summary>Writes a part of the answer and flushes it, so that a reader at the other end of a pipe sees it now.</summary>
    public async Task WriteAsync(string text)
    {
        await Out.WriteAsync(text);
        await Out.FlushAsync();
    }
}
