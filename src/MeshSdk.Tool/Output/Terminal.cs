using System.Text;

namespace MeshSdk.Tool.Output;

/// <summary>The three streams of a command. The answer and nothing else goes to standard output.</summary>
internal sealed class Terminal(TextReader stdin, Stream stdout, TextWriter stderr)
{
    // The library logs from threads of its own.
    private readonly TextWriter _error = TextWriter.Synchronized(stderr);

    public TextReader In { get; } = stdin;

    // Not Console.Out: it writes each piece separately, where commands here flush by the line.
    public TextWriter Out { get; } = new StreamWriter(stdout, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);

    public TextWriter Error => _error;

    public void Note(string message) => _error.WriteLine($"mesh: {OneLine.Of(message)}");

    public Task WriteLineAsync(string line) => WriteAsync(line + Environment.NewLine);

    /// <summary>Writes a part of the answer and flushes it, so that a reader at the other end of a pipe sees it now.</summary>
    public async Task WriteAsync(string text)
    {
        await Out.WriteAsync(text);
        await Out.FlushAsync();
    }

    /// <summary>The same for what need not be text.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await Out.FlushAsync();
        await stdout.WriteAsync(bytes);
        await stdout.FlushAsync();
    }
}
