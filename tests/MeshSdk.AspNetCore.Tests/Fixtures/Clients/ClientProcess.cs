using System.Diagnostics;
using System.Text;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>A client that is a program of its own, in a directory with the files of an identity. Its end is the end of the test.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _directory;
    private readonly Task<string> _errors;

    private ClientProcess(Process process, DirectoryInfo directory)
    {
        (_process, _directory) = (process, directory);
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <param name="program">One that may be missing; then the test is skipped.</param>
    /// <param name="certificate">Its <c>cert-chain.pem</c>, <c>key.pem</c> and <c>root-cert.pem</c>.</param>
    /// <param name="arguments">One by one.</param>
    /// <param name="files">More files.</param>
    public static ClientProcess Start(string program, MeshTestCertificate certificate, IEnumerable<string> arguments, params (string Name, byte[] Content)[] files)
    {
        var path = Installed(program);
        Assert.SkipWhen(path is null, $"{program} is not installed");
        var directory = Directory.CreateTempSubdirectory("mesh-client-");
        certificate.WriteTo(directory.FullName);
        foreach (var (name, content) in files)
        {
            File.WriteAllBytes(Path.Combine(directory.FullName, name), content);
        }

        var start = new ProcessStartInfo(path!, arguments)
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.Latin1,
        };
        start.Environment["CURL_HOME"] = directory.FullName; // nobody's own settings
        start.Environment["NO_PROXY"] = "*";
        return new ClientProcess(Process.Start(start)!, directory);
    }

    /// <summary>A file that it has written; null: it has not.</summary>
    public byte[]? Find(string file)
    {
        var path = Path.Combine(_directory.FullName, file);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>All that it writes until it ends.</summary>
    public async Task<(string Output, string Errors)> RunAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        using var reader = new StreamReader(Output, Encoding.Latin1);
        return (await reader.ReadToEndAsync(patience.Token), await _errors.WaitAsync(patience.Token));
    }

    /// <summary>What it writes until <paramref name="isEnough"/>, or until it ends.</summary>
    public async Task<string> ReadAsync(Func<string, bool> isEnough)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!isEnough(text.ToString()))
        {
            var count = await Output.ReadAsync(buffer, patience.Token);
            if (count == 0)
            {
                break;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    /// <summary>Writes to its input, which it may have closed.</summary>
    public async Task WriteAsync(byte[] bytes)
    {
        try
        {
            await Input.WriteAsync(bytes);
            await Input.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended: its output says why.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static string? Installed(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? program + ".exe" : program))
        .FirstOrDefault(File.Exists);
}
