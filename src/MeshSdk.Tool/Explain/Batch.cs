using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Explain;

/// <summary>Answers requests line by line, so that a program at the other end of a pipe can ask, read, and ask on.</summary>
internal sealed class Batch(ExplainerCache explainers, Terminal terminal)
{
    public async Task<int> RunAsync(TextReader requests, CancellationToken cancellationToken)
    {
        var exit = ExitCode.Done;
        while (await requests.ReadLineAsync(cancellationToken) is { } line)
        {
            string answer;
            try
            {
                answer = Answer(line);
            }
            catch (FormatException e)
            {
                exit = ExitCode.No;
                answer = ExplainJson.Write(new BatchError(OneLine.Of(e.Message)));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A fault of ours. Whoever counts on an answer for each line gets one, and the lines after it are none the worse.
                exit = ExitCode.No;
                answer = ExplainJson.Write(new BatchError($"internal fault, please report it: {e.GetType().Name}: {OneLine.Of(e.Message)}"));
            }

            await terminal.WriteLineAsync(answer);
        }

        return exit;
    }

    /// <exception cref="FormatException">The line is no request; the message says why.</exception>
    private string Answer(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            throw new FormatException("an empty line");
        }

        var asked = BatchLine.Parse(line);
        return ExplainJson.Write(explainers.For(asked.Namespace, asked.Labels).Explain(asked.Request));
    }
}
