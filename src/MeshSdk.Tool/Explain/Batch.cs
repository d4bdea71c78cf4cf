using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Explain;

/// <summary>Answers requests line by line, so that a program at the other end of a pipe can ask, read, and ask on.</summary>
internal sealed class Batch(Viewpoints viewpoints, Terminal terminal)
{
    public async Task<int> RunAsync(TextReader requests, CancellationToken cancellationToken)
    {
        var exit = ExitCode.Done;
        while (await requests.ReadLineAsync(cancellationToken) is { } line)
        {
            string answer;
            try
            {
                answer = await AnswerAsync(line, cancellationToken);
            }
            catch (Exception e) when (e is FormatException or UsageException)
            {
                exit = ExitCode.No;
                answer = ExplainJson.Write(new BatchError(OneLine.Of(e.Message)));
            }
            catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
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
    /// <exception cref="UsageException">The line means a namespace that could not be read.</exception>
    private async Task<string> AnswerAsync(string line, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            throw new FormatException("an empty line");
        }

        var asked = BatchLine.Parse(line);
        var explainer = await viewpoints.ExplainerAsync(asked.Request.Url.IdnHost, asked.Namespace, asked.Labels, cancellationToken);
        return ExplainJson.Write(explainer.Explain(asked.Request));
    }
}
