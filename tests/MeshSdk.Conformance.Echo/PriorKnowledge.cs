using System.IO.Pipelines;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace MeshSdk.Conformance.Echo;

/// <summary>
/// Lets one plaintext port speak HTTP/1.1 and HTTP/2, as the ports of the upstream echo server do. Kestrel takes HTTP/2 beside HTTP/1.1 only where TLS has
/// negotiated it; here the first bytes of the connection say the same, and are told to Kestrel as if TLS had.
/// </summary>
internal static class PriorKnowledge
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0"u8.ToArray();

    public static void UsePriorKnowledge(this ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.Use(static next => async connection =>
        {
            if (await BeginsWithPrefaceAsync(connection.Transport.Input, connection.ConnectionClosed))
            {
                var negotiated = new Negotiated();
                connection.Features.Set<ITlsConnectionFeature>(negotiated);
                connection.Features.Set<ITlsApplicationProtocolFeature>(negotiated);
            }

            await next(connection);
        });
    }

    private static async Task<bool> BeginsWithPrefaceAsync(PipeReader input, CancellationToken closed)
    {
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync(closed);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionResetException)
            {
                return false;
            }

            var length = (int)Math.Min(read.Buffer.Length, Preface.Length);
            var start = new byte[length];
            var position = 0;
            foreach (var segment in read.Buffer.Slice(0, length))
            {
                segment.Span.CopyTo(start.AsSpan(position));
                position += segment.Length;
            }

            var agrees = start.AsSpan().SequenceEqual(Preface.AsSpan(0, length));
            var isDecided = length == Preface.Length || !agrees || read.IsCompleted;

            // Kestrel reads the same bytes again.
            input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
            if (isDecided)
            {
                return agrees && length == Preface.Length;
            }
        }
    }

    private sealed class Negotiated : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol => "h2"u8.ToArray();

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
