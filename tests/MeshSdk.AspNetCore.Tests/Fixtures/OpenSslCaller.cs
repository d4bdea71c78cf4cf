using System.Diagnostics;
using System.Net;
using System.Text;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary><c>openssl s_client</c>, which .NET has no part in: it asks for a page, or for whatever it is told to send, and ends with the connection.</summary>
internal static class OpenSslCaller
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static bool IsHere => Find() is not null;

    /// <param name="server">Whom it calls.</param>
    /// <param name="certificate">What it shows; null: nothing.</param>
    /// <param name="arguments">What else it is told.</param>
    /// <param name="directory">Where its files are; null: in a directory of its own.</param>
    /// <returns>All that it wrote, the server's answer among it.</returns>
    public static async Task<string> GetAsync(IPEndPoint server, MeshTestCertificate? certificate, string arguments = "", string? directory = null)
    {
        Assert.SkipUnless(IsHere, "openssl is not installed");
        var own = directory is null ? Directory.CreateTempSubdirectory("mesh-caller-") : null;
        directory ??= own!.FullName;
        try
        {
            certificate?.WriteTo(directory);
            var shown = certificate is null ? "" : "-cert cert-chain.pem -key key.pem" + (certificate.Chain.Count > 0 ? " -cert_chain cert-chain.pem" : "");
            using var process = Process.Start(new ProcessStartInfo(Find()!, $"s_client -connect {server} {shown} -ign_eof {arguments}")
            {
                WorkingDirectory = directory,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
            })!;
            using var patience = new CancellationTokenSource(Patience);
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            try
            {
                await process.StandardInput.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n");
                await process.StandardInput.FlushAsync(patience.Token);
            }
            catch (IOException)
            {
                // It has ended already.
            }

            try
            {
                return $"{await output}\n{await errors}";
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill();
                }

                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
        finally
        {
            own?.Delete(recursive: true);
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(static directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "openssl.exe" : "openssl"))
        .FirstOrDefault(File.Exists);
}
