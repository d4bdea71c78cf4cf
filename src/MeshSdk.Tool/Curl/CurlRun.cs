using MeshSdk.Tool.CommandLine;

namespace MeshSdk.Tool.Curl;

/// <summary>How many requests, and how fast.</summary>
internal sealed record CurlLoad(int Count, int Concurrency, double? Rate, TimeSpan? Timeout);

/// <summary>Sends the requests and shows each result as it comes.</summary>
internal sealed class CurlRun(RequestTemplate template, CurlLoad load, CurlSender sender, CurlOutput output, TimeProvider time)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var pace = new Pace(load.Count, load.Rate, time);
        var workers = Enumerable.Range(0, Math.Min(load.Concurrency, load.Count)).Select(_ => Task.Run(WorkAsync, cancellationToken));
        try
        {
            await Task.WhenAll(workers);
        }
        finally
        {
            // After Ctrl-C too.
            if (load.Count > 1)
            {
                await output.SummariseAsync();
            }
        }

        return output.Unanswered == 0 ? ExitCode.Done : ExitCode.No;

        async Task WorkAsync()
        {
            while (await pace.NextAsync(cancellationToken) is { } index)
            {
                await output.ShowAsync(await sender.SendAsync(index, template, load.Timeout, cancellationToken));
            }
        }
    }
}
