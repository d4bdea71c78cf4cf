using System.Globalization;
using System.Text.RegularExpressions;

namespace MeshSdk.Samples.Tests.Echo;

/// <summary>A server of the mesh that is told to go, as in every rollout, ends the calls that are under way, and then itself.</summary>
public sealed partial class EchoShutdownTests : IDisposable
{
    private const int Calls = 8;

    private readonly MeshFiles _files = new();
    private readonly CancellationToken _cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Calls_that_are_under_way_are_answered_and_it_ends_as_it_should(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals, and listening on a port that is kept");
        _files.Write(MeshFiles.Agent, _files.Issue("backend"));
        using KeptPort port = new(), health = new();
        await using var backend = new SampleProcess(
            "EchoBackend",
            [$"-listen=:{port.Number}", $"-health=:{health.Number}", $"-certs={_files.Path}", "-mode=permissive", "-delay=3000"],
            assembly: "echo-backend");
        using var probe = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{health.Number}") };
        var log = await backend.WaitForAsync(static output => output.Contains("Application started", StringComparison.Ordinal) ? output : null, _cancellation);
        Assert.Contains("This process is a server of the mesh. Mode: PERMISSIVE", log, StringComparison.Ordinal);
        using var member = _files.CreateClient(_files.Issue("client"));
        using var outsider = _files.CreateClient(client: null);

        // Half of them by mutual TLS, each on a connection of its own. A machine that is so busy that the first is over before the last has begun starts again.
        Task<string>[] calls;
        do
        {
            calls = [.. Enumerable.Range(0, Calls).Select(number => number % 2 == 0
                ? member.GetStringAsync(new Uri($"https://127.0.0.1:{port.Number}/"), _cancellation)
                : outsider.GetStringAsync(new Uri($"http://127.0.0.1:{port.Number}/"), _cancellation))];
        }
        while (!await AreUnderWayAsync(probe, calls));
        await backend.InterruptAsync(_cancellation, signal);

        Assert.All(await Task.WhenAll(calls), static text => Assert.Equal("hello\n", text));
        Assert.Equal(0, await backend.ExitAsync(_cancellation));
        Assert.Equal("", backend.Errors.Trim());
    }

    // The server itself says how many requests it has begun and not ended: the question is one of them.
    private async Task<bool> AreUnderWayAsync(HttpClient probe, Task<string>[] calls)
    {
        while (!calls.Any(static call => call.IsCompleted))
        {
            var active = Active().Matches(await probe.GetStringAsync("/metrics", _cancellation)).Sum(static line => int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture));
            if (active == Calls + 1)
            {
                return true;
            }

            await Task.Delay(20, _cancellation);
        }

        await Task.WhenAll(calls);
        return false;
    }

    [GeneratedRegex(@"^http_server_active_requests\{.*\} (\d+)", RegexOptions.Multiline)]
    private static partial Regex Active();
}
