using System.Globalization;
using System.Text.RegularExpressions;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>curl, as a person at a shell uses it.</summary>
internal sealed partial class CurlCaller : ICaller
{
    // In plaintext and TLS, HTTP/1.1 and HTTP/2, it has a different word each for a connection that ends.
    private static readonly int[] Refusals = [16, 18, 35, 52, 55, 56, 92];

    public async Task<Answer> CallAsync(Call call)
    {
        await using var curl = ClientProcess.Start("curl", call.Certificate, ArgumentsFor(call), ("message.bin", Http2.EmptyMessage));
        var (output, errors) = await curl.RunAsync();
        var end = output.LastIndexOf('\n');
        var parts = output[(end + 1)..].Split(' ');
        var exit = int.Parse(parts[1], CultureInfo.InvariantCulture);
        if (exit != 0)
        {
            return Refusals.Contains(exit) && parts[0] == "000" ? Answer.Refused : new Answer($"exit code {exit}: {errors}");
        }

        var body = output[..end];
        var agreed = Agreed().Match(errors) is { Success: true } match ? match.Groups[1].Value : null;
        return Answer.Of(int.Parse(parts[0], CultureInfo.InvariantCulture), call.IsGrpc && body.Length > 5 ? body[5..] : body, agreed);
    }

    private static List<string> ArgumentsFor(Call call)
    {
        List<string> arguments = ["-q", "-sv", "--noproxy", "*", "--max-time", "50", "-w", "\\n%{http_code} %{exitcode}"];
        arguments.Add(call.IsHttp2 ? call.IsSecure ? "--http2" : "--http2-prior-knowledge" : "--http1.1");
        if (call.IsSecure)
        {
            arguments.AddRange(["-k", "--cacert", "root-cert.pem"]);
        }

        if (call.ShowsCertificate)
        {
            arguments.AddRange(["--cert", "cert-chain.pem", "--key", "key.pem"]);
        }

        if (call.IsGrpc)
        {
            arguments.AddRange(["-H", "content-type: application/grpc", "-H", "te: trailers", "--data-binary", "@message.bin"]);
        }

        return [.. arguments, $"{(call.IsSecure ? "https" : "http")}://{call.Server}{call.Path}"];
    }

    [GeneratedRegex(@"ALPN(?::|,) server accepted (?:to use )?(\S+)")]
    private static partial Regex Agreed();
}
