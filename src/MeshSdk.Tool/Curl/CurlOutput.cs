using System.Globalization;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Curl;

/// <summary>How results are shown.</summary>
/// <param name="Json">One JSON object a line in place of the bodies.</param>
/// <param name="IncludeHeaders">Status line and headers before the body.</param>
/// <param name="Verbose">One line on standard error for each request: where it went, and what became of it.</param>
internal sealed record CurlForm(bool Json, bool IncludeHeaders, bool Verbose);

/// <summary>Shows results one after the other, whole ones, however many requests are under way.</summary>
internal sealed class CurlOutput(Terminal terminal, CurlForm form) : IDisposable
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

            if (form.Verbose)
            {
                await terminal.Error.WriteLineAsync(Verdict(result));
            }

            if (form.Json)
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

    /// <summary>What became of a request, in one line.</summary>
    private static string Verdict(CurlResult result)
    {
        var status = result.GrpcStatus is { } code ? $"{result.Status} gRPC {code}" : $"{result.Status}";
        var where = result.Endpoint is { } endpoint ? $"{result.Backend} at {endpoint}" : result.Backend ?? "(no backend)";
        return Printable.Of(string.Create(
            CultureInfo.InvariantCulture,
            $"* {result.I}: {status} from {where}, {result.Attempts} {(result.Attempts == 1 ? "attempt" : "attempts")}, {result.Ms:0.0} ms, flags {result.Flags}"
                + $"{(result.Peer is { } peer ? $", peer {peer}" : "")}{(result.Reason is { } reason ? $": {reason}" : "")}"));
    }

    private async Task ShowTextAsync(CurlResult result)
    {
        if (result.Error is { } error)
        {
            terminal.Note($"request {result.I}: {error}");
            return;
        }

        if (form.IncludeHeaders)
        {
            await terminal.Out.WriteAsync(
                string.Concat([result.StatusLine, "\n", .. result.HeaderLines.Select(static h => $"{h.Key}: {h.Value}\n"), "\n"]));
        }

        await terminal.WriteAsync(result.Content);
    }
}
