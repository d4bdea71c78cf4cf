using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Explain;

/// <summary>Answers requests line by line, so that a program at the other end of a pipe can ask, read, and ask on.</summary>
internal sealed class Batch(Viewpoints viewpoints, Terminal terminal)
{
    public async Task<int> RunAsync(TextReader requests, CancellationToken cancellationToken)
    {
        var exit = ExitCode.Done;
        var empty = 0;
        while (await requests.ReadLineAsync(cancellationToken) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                // At the end of the input it is only how an editor ends a file, so what it is shows with the next line.
                empty++;
                continue;
            }

            for (; empty > 0; empty--)
            {
                exit = ExitCode.No;
                await terminal.WriteLineAsync(ExplainJson.Write(new BatchError("an empty line")));
            }

            if (!await AnswerAsync(line, cancellationToken))
            {
                exit = ExitCode.No;
            }
        }

        return exit;
    }

    /// <summary>False where the line is none that can be answered.</summary>
    private async Task<bool> AnswerAsync(string line, CancellationToken cancellationToken)
    {
        var (isAnswered, answer) = (true, "");
        try
        {
            answer = await ExplainAsync(line, cancellationToken);
        }
        catch (Exception e) when (e is FormatException or UsageException)
        {
            (isAnswered, answer) = (false, ExplainJson.Write(new BatchError(OneLine.Of(e.Message))));
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // A fault of ours. Whoever counts on an answer for each line gets one, and the lines after it are none the worse.
            var message = $"internal fault, please report it: {e.GetType().Name}: {OneLine.Of(e.Message)}";
            (isAnswered, answer) = (false, ExplainJson.Write(new BatchError(message)));
        }

        await terminal.WriteLineAsync(answer);
        return isAnswered;
    }

    /// <exception cref="FormatException">The line is no request; the message says why.</exception>
    /// <exception cref="UsageException">The line means a namespace that could not be read.</exception>
    private async Task<string> ExplainAsync(string line, CancellationToken cancellationToken)
    {
        var asked = BatchLine.Parse(line);
        var explainer = await viewpoints.ExplainerAsync(asked.Request.Url.IdnHost, asked.Namespace, asked.Labels, cancellationToken);
        return ExplainJson.Write(explainer.Explain(asked.Request));
    }
}
