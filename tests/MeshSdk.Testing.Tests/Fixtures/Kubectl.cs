using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>What a kubectl command left behind.</summary>
internal sealed record KubectlResult(int ExitCode, string Output, string Error)
{
    /// <summary>The output of a command that has to succeed.</summary>
    public string Succeeded() =>
        ExitCode == 0 ? Output : throw new InvalidOperationException($"kubectl ended with {ExitCode}: {Error}{Output}");
}

/// <summary>
/// A real kubectl of 1.29 or later, with a home, a kubeconfig and caches of its own: kubectl keeps what it learned of a server by host and port, and
/// another test's server may have had the same.
/// </summary>
internal sealed partial class Kubectl : IDisposable
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);
    private static readonly Version Oldest = new(1, 29);
    private static readonly Lazy<string?> Found = new(Find);

    private readonly string _home = Directory.CreateTempSubdirectory("meshsdk-kubectl-").FullName;

    private Kubectl()
    {
    }

    /// <summary>Where the test may write the kubeconfig of its server; <c>KUBECONFIG</c> names it.</summary>
    public string Kubeconfig => Path.Combine(_home, "config");

    /// <summary>A folder of the test's own, for manifests.</summary>
    public string Folder => _home;

    /// <summary>Skips the test where there is no kubectl, unless <c>MESHSDK_REQUIRE_KUBECTL=1</c> says that there has to be one.</summary>
    public static Kubectl Require()
    {
        if (Found.Value is null)
        {
            const string Missing = "no kubectl of 1.29 or later: name one in MESHSDK_KUBECTL or put it on the PATH";
            if (Environment.GetEnvironmentVariable("MESHSDK_REQUIRE_KUBECTL") == "1")
            {
                Assert.Fail(Missing);
            }

            Assert.Skip(Missing);
        }

        return new Kubectl();
    }

    public Task<KubectlResult> Run(params string[] arguments) => Run(null, arguments);

    /// <summary>Runs another program with the same home, kubeconfig and caches.</summary>
    public Task<KubectlResult> RunOther(string program, params string[] arguments) => Run(program, null, arguments, null, DefaultLimit);

    /// <param name="input">What the command reads from its standard input, as for <c>-f -</c>.</param>
    /// <param name="environment">Set on top of the fixture's own, as in <c>KUBE_EDITOR</c>.</param>
    /// <param name="limit">After which the command is killed; half a minute where not set.</param>
    public Task<KubectlResult> Run(
        string? input, string[] arguments, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? limit = null) =>
        Run(Found.Value!, input, arguments, environment, limit ?? DefaultLimit);

    /// <summary>Starts a command that runs until it is stopped, as <c>get -w</c>. Who starts it kills and disposes it.</summary>
    public Process Start(params string[] arguments) => Process.Start(StartInfo(Found.Value!, _home, Kubeconfig, arguments, null))!;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private async Task<KubectlResult> Run(
        string program, string? input, string[] arguments, IReadOnlyDictionary<string, string>? environment, TimeSpan limit)
    {
        using var process = Process.Start(StartInfo(program, _home, Kubeconfig, arguments, environment))!;
        using var timeout = new CancellationTokenSource(limit);
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), timeout.Token);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            return new KubectlResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end in time");
        }
    }

    private static ProcessStartInfo StartInfo(
        string file, string home, string kubeconfig, string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
        };

        // Nothing of the machine's own configuration may reach a test, least of all its clusters.
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = home;
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["KUBECACHEDIR"] = Path.Combine(home, "cache");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static string? Find()
    {
        var named = Environment.GetEnvironmentVariable("MESHSDK_KUBECTL");
        if (!string.IsNullOrEmpty(named))
        {
            return IsUsable(named) ? named : null;
        }

        var name = OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl";
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(file => File.Exists(file) && IsUsable(file));
    }

    private static bool IsUsable(string file)
    {
        var home = Directory.CreateTempSubdirectory("meshsdk-kubectl-").FullName;
        try
        {
            using var process = Process.Start(StartInfo(file, home, Path.Combine(home, "config"), ["version", "--client", "-o", "json"], null))!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(DefaultLimit))
            {
                process.Kill(entireProcessTree: true);
                return false;
            }

            return GitVersion().Match(output.Result) is { Success: true } match
                && new Version(Number(match.Groups[1]), Number(match.Groups[2])) >= Oldest;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }

        static int Number(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("""
        "gitVersion":\s*"v(\d+)\.(\d+)
        """)]
    private static partial Regex GitVersion();
}
