using System.Text.RegularExpressions;

namespace MeshSdk.Samples.Tests.Web;

/// <summary>The web sample in a process of its own, with its own manifests moved to ports that are free.</summary>
internal sealed partial class WebSample : IAsyncDisposable
{
    private readonly string _manifests = Directory.CreateTempSubdirectory("web-sample-").FullName;
    private readonly Dictionary<string, string> _environment = [];
    private readonly KeptPort[] _kept = [new(), new(), new()];
    private SampleProcess? _process;

    public WebSample()
    {
        Ports = [.. _kept.Select(static port => port.Number)];
        _environment["Mesh__Manifests__0"] = _manifests;
        var source = Path.Combine(Path.GetDirectoryName(SampleOutput.Of("AspNetCore"))!, "mesh");
        foreach (var file in Directory.EnumerateFiles(source))
        {
            var text = File.ReadAllText(file);
            for (var i = 0; i < Ports.Count; i++)
            {
                text = text.Replace($"port: {5681 + i}", $"port: {Ports[i]}", StringComparison.Ordinal);
            }

            File.WriteAllText(Path.Combine(_manifests, Path.GetFileName(file)), text);
        }

        for (var i = 0; i < Ports.Count; i++)
        {
            _environment[$"Backends__{i}__Url"] = $"http://127.0.0.1:{Ports[i]}";
        }
    }

    /// <summary>Where the three local backends listen: v1, v1, v2.</summary>
    public IReadOnlyList<int> Ports { get; }

    public HttpClient Client { get; } = new();

    /// <summary>The folder of the manifests.</summary>
    public string Manifests => _manifests;

    public WebSample With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public WebSample WithManifest(string name, string text)
    {
        File.WriteAllText(Path.Combine(_manifests, name), text);
        return this;
    }

    public async Task<WebSample> StartAsync(CancellationToken cancellationToken)
    {
        _process = new SampleProcess("AspNetCore", ["--urls", "http://127.0.0.1:0"], _environment);
        Client.BaseAddress = new Uri(await _process.WaitForAsync(
            output => Listening().Match(output) is { Success: true } match ? match.Groups[1].Value : null, cancellationToken));
        return this;
    }

    /// <summary>Waits for a text on the console.</summary>
    public Task WaitForOutputAsync(string text, CancellationToken cancellationToken) =>
        _process!.WaitForAsync(output => output.Contains(text, StringComparison.Ordinal) ? text : null, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        foreach (var port in _kept)
        {
            port.Dispose();
        }

        Directory.Delete(_manifests, recursive: true);
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)\s")]
    private static partial Regex Listening();
}
