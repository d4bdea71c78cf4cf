using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>Node's <c>https</c> and <c>http2</c>.</summary>
internal sealed class NodeCaller : ICaller
{
    private const string Script = """
        const fs = require('fs');
        const [port, protocol, layer] = process.argv.slice(2);
        const secure = layer !== 'plaintext', origin = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`;
        const tls = secure ? { ca: fs.readFileSync('root-cert.pem'), checkServerIdentity: () => undefined } : {};
        if (layer === 'mutual TLS') Object.assign(tls, { cert: fs.readFileSync('cert-chain.pem'), key: fs.readFileSync('key.pem') });
        const say = answer => { console.log(JSON.stringify(answer)); process.exit(0); };
        let status;
        const refused = error => say({ error: error.code || error.message, status });
        if (protocol === 'HTTP/1.1') {
          const request = require(secure ? 'https' : 'http').get(origin, { ...tls, agent: false, ALPNProtocols: ['http/1.1'] }, response => {
            status = response.statusCode;
            let body = '';
            response.setEncoding('utf8').on('data', chunk => body += chunk)
              .on('end', () => say({ status, body, alpn: response.socket.alpnProtocol || null }));
          }).on('error', refused);
        } else {
          const grpc = protocol === 'gRPC';
          const session = require('http2').connect(origin, tls).on('error', refused).on('close', () => refused({ code: 'CLOSED' }));
          const head = grpc
            ? { ':method': 'POST', ':path': '/test.Echo/Unary', 'content-type': 'application/grpc', te: 'trailers' }
            : { ':path': '/' };
          const stream = session.request(head, { endStream: !grpc });
          let grpcStatus = '0'; const chunks = [];
          stream.on('error', refused)
            .on('response', headers => { status = headers[':status']; grpcStatus = headers['grpc-status'] || grpcStatus; })
            .on('trailers', headers => { grpcStatus = headers['grpc-status'] || grpcStatus; })
            .on('data', chunk => chunks.push(chunk))
            .on('end', () => {
              const body = Buffer.concat(chunks).subarray(grpc ? 5 : 0).toString();
              if (status !== undefined) say({ status, body: grpcStatus === '0' ? body : `grpc-status ${grpcStatus}`, alpn: secure ? session.alpnProtocol : null });
            });
          if (grpc) stream.end(Buffer.alloc(5));
        }
        """;

    public async Task<Answer> CallAsync(Call call)
    {
        await using var node = ClientProcess.Start(
            "node",
            call.Certificate,
            ["client.js", call.Server.Port.ToString(CultureInfo.InvariantCulture), call.Protocol, call.Layer],
            ("client.js", Encoding.UTF8.GetBytes(Script)));
        var (output, errors) = await node.RunAsync();
        Assert.True(output.Length > 0, errors);
        var answer = JsonDocument.Parse(output).RootElement;
        return answer.TryGetProperty("error", out var error)
            ? answer.TryGetProperty("status", out var status) || error.GetString() == "ECONNREFUSED" ? new Answer($"{error} {status}") : Answer.Refused
            : Answer.Of(answer.GetProperty("status").GetInt32(), answer.GetProperty("body").GetString()!, answer.GetProperty("alpn").GetString());
    }
}
