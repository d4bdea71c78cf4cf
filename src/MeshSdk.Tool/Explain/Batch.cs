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
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            string answer;
            try
            {
                var asked = BatchLine.Parse(line);
                answer = ExplainJson.Write(explainers.For(asked.Namespace, asked.Labels).Explain(asked.Request));
            }
            catch (FormatException e)
            {
                exit = ExitCode.No;
                answer = ExplainJson.Write(new BatchError(OneLine.Of(e.Message)));
            }

            await terminal.WriteLineAsync(answer);
        }

        return exit;
    }
}
