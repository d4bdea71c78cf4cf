using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Fixtures;

/// <summary>
/// A TLS server that is none of .NET's: OpenSSL's own, or Node's. It runs as a process of its own on a free port of the loopback address, and its end is the end of the test.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _directory;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServerProcess(Process process, DirectoryInfo directory)
    {
        (_process, _directory) = (process, directory);
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', _lines);

    public static bool HasOpenSsl => Find("openssl") is not null;

    public static bool HasNode => Find("node") is not null;

    /// <summary><c>openssl s_server</c>, which answers every request with a page about its connection.</summary>
    /// <param name="certificate">Whose it is.</param>
    /// <param name="arguments">What else it is told; <c>clients.pem</c> in its directory are the authorities in <paramref name="roots"/>.</param>
    /// <param name="roots">By whose word clients are believed.</param>
    public static async Task<ServerProcess> OpenSslAsync(MeshTestCertificate certificate, string arguments, string? roots = null)
    {
        Assert.SkipUnless(HasOpenSsl, "openssl is not installed");
        var server = Start(
            "openssl",
            $"s_server -accept 127.0.0.1:0 -cert cert-chain.pem -cert_chain cert-chain.pem -key key.pem -no_ign_eof -naccept 1000 {arguments}",
            certificate,
            roots);
        var line = await server.LineAsync(static line => line.StartsWith("ACCEPT 127.0.0.1:", StringComparison.Ordinal));
        server.EndPoint = IPEndPoint.Parse(line["ACCEPT ".Length..].Trim());
        return server;
    }

    /// <summary>A server in JavaScript, on Node's <c>https</c> and <c>http2</c>.</summary>
    /// <param name="certificate">Whose it is.</param>
    /// <param name="options">More members of the options of its server, as JavaScript.</param>
    /// <param name="roots">By whose word clients are believed.</param>
    public static async Task<ServerProcess> NodeAsync(MeshTestCertificate certificate, string options = "", string? roots = null)
    {
        Assert.SkipUnless(HasNode, "node is not installed");
        var script = $$"""
            const fs = require('fs');
            const server = require('http2').createSecureServer({
              cert: fs.readFileSync('cert-chain.pem'), key: fs.readFileSync('key.pem'), ca: fs.readFileSync('clients.pem'),
              requestCert: true, rejectUnauthorized: true, allowHTTP1: true, {{options}}
            }, (request, response) => {
              const socket = request.stream ? request.stream.session.socket : request.socket;
              response.end(JSON.stringify({
                version: request.httpVersion, protocol: socket.getProtocol(), alpn: socket.alpnProtocol, name: socket.servername,
                client: socket.getPeerCertificate().subjectaltname, reused: socket.isSessionReused() }));
            });
            server.on('tlsClientError', e => console.log('REFUSED ' + e.code + ' ' + e.message));
            server.listen(0, '127.0.0.1', () => console.log('LISTENING ' + server.address().port));
            """;
        var server = Start("node", "server.js", certificate, roots, script);
        var line = await server.LineAsync(static line => line.StartsWith("LISTENING ", StringComparison.Ordinal));
        server.EndPoint = new IPEndPoint(IPAddress.Loopback, int.Parse(line["LISTENING ".Length..], System.Globalization.CultureInfo.InvariantCulture));
        return server;
    }

    /// <summary>Waits for a line of its output.</summary>
    public async Task<string> LineAsync(Func<string, bool> matches)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (_lines.FirstOrDefault(matches) is { } line)
            {
                return line;
            }

            Assert.False(_process.HasExited, $"it has ended: {Output}");
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, $"it has only said: {Output}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
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

    private static ServerProcess Start(string program, string arguments, MeshTestCertificate certificate, string? roots, string? script = null)
    {
        var directory = Directory.CreateTempSubdirectory("mesh-tls-");
        certificate.WriteTo(directory.FullName);
        File.WriteAllText(Path.Combine(directory.FullName, "clients.pem"), roots ?? certificate.RootPem);
        if (script is not null)
        {
            File.WriteAllText(Path.Combine(directory.FullName, "server.js"), script);
        }

        var process = new Process
        {
            StartInfo = new ProcessStartInfo(Find(program)!, arguments)
            {
                WorkingDirectory = directory.FullName,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
            },
        };
        var server = new ServerProcess(process, directory);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return server;
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? program + ".exe" : program))
        .FirstOrDefault(File.Exists);

    private void Take(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
