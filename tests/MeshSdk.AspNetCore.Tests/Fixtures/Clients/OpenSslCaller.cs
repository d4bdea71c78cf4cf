using System.Text;
using System.Text.RegularExpressions;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary><c>openssl s_client</c>, which is typed into.</summary>
/// <param name="version">As in <c>-tls1_2</c>; empty: what it likes best.</param>
internal sealed partial class OpenSslCaller(string version) : ICaller
{
    public async Task<Answer> CallAsync(Call call)
    {
        await using var openssl = ClientProcess.Start("openssl", call.Certificate, ArgumentsFor(call));
        await openssl.WriteAsync(call.IsHttp2
            ? [.. Http2.Opening, .. Http2.Request(1, Http2.HeadOf(call.Path, call.IsGrpc, "https"), call.IsGrpc ? Http2.EmptyMessage : null)]
            : Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"));

        // The text of the answer stands as it is in HTTP/1.1, in HTTP/2 and in a message of gRPC. A server that greets in HTTP/2 and says no more than that, or
        // something else, has not refused the connection.
        var output = await openssl.ReadAsync(static text => Echoed().IsMatch(text));
        var agreed = Agreed().Match(output) is { Success: true } match ? match.Groups[1].Value : null;
        return Echoed().Match(output) is { Success: true } echoed ? new Answer(echoed.Value, agreed)
            : output.Contains("HTTP/1.1 ", StringComparison.Ordinal) || Greeted().IsMatch(output) ? new Answer(output)
            : Answer.Refused;
    }

    private List<string> ArgumentsFor(Call call)
    {
        List<string> arguments =
        [
            "s_client", "-connect", call.Server.ToString(), "-CAfile", "root-cert.pem", "-verify_return_error", "-nocommands", "-ign_eof",
            "-alpn", call.IsHttp2 ? "h2" : "http/1.1",
        ];
        if (version.Length > 0)
        {
            arguments.Add(version);
        }

        if (call.ShowsCertificate)
        {
            arguments.AddRange(["-cert", "cert-chain.pem", "-cert_chain", "cert-chain.pem", "-key", "key.pem"]);
        }

        return arguments;
    }

    [GeneratedRegex(@"(?:spiffe://\S+|plaintext) HTTP/(?:1\.1|2)")]
    private static partial Regex Echoed();

    // A frame of settings: its length, which is short, and then 4, no flag, and the stream 0.
    [GeneratedRegex(@"\0\0[\x00-\xff]\x04\0\0\0\0\0", RegexOptions.Singleline)]
    private static partial Regex Greeted();

    [GeneratedRegex(@"ALPN protocol: (\S+)")]
    private static partial Regex Agreed();
}
