using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Curl;

/// <summary>Shows results one after the other, whole ones, however many requests are under way.</summary>
internal sealed class CurlOutput(Terminal terminal, bool json, bool includeHeaders) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CurlSummary _summary = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Requests that got no response at all.</summary>
    public int Unanswered { get; private set; }

    public async Task ShowAsync(CurlResult result)
    {
        await _turn.WaitAsync();
        try
        {
            _summary.Add(result);
            Unanswered += result.Error is null ? 0 : 1;
            if (result is { IsUnknown: true, Reason: { } reason } && _told.Add(reason))
            {
                terminal.Note($"calls are answered {(result.GrpcStatus is { } code ? $"gRPC status {code}" : result.Status)}: {reason}");
            }

            if (json)
            {
                await terminal.WriteLineAsync(CurlJson.Write(result));
            }
            else
            {
                await ShowTextAsync(result);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task SummariseAsync() => terminal.Error.WriteAsync(_summary.ToString());

    public void Dispose() => _turn.Dispose();

    private async Task ShowTextAsync(CurlResult result)
    {
        if (result.Error is { } error)
        {
            terminal.Note($"request {result.I}: {error}");
            return;
        }

        if (includeHeaders)
        {
            await terminal.Out.WriteAsync(
                string.Concat([result.StatusLine, "\n", .. result.HeaderLines.Select(static h => $"{h.Key}: {h.Value}\n"), "\n"]));
        }

        await terminal.WriteAsync(result.Content);
    }
}
