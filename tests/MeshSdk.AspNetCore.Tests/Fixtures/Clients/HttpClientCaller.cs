using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>.NET's own client, with a certificate or without.</summary>
internal sealed class HttpClientCaller : ICaller
{
    public Task<Answer> CallAsync(Call call) => Refusal.OrAnswerAsync(async () =>
    {
        using var handler = HandlerFor(call);
        using var client = new HttpMessageInvoker(handler);
        using var request = RequestFor(call, $"{(call.IsSecure ? "https" : "http")}://{call.Server}{call.Path}");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await AnswerOfAsync(call, response);
    });

    public static SocketsHttpHandler HandlerFor(Call call)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (!call.IsSecure)
        {
            return handler;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(call.Certificate.RootPem));
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = static (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == 0,
            ClientCertificateContext = call.ShowsCertificate
                ? SslStreamCertificateContext.Create(call.Certificate.Certificate, [.. call.Certificate.Chain], offline: true)
                : null,
        };
        return handler;
    }

    public static HttpRequestMessage RequestFor(Call call, string uri)
    {
        var request = new HttpRequestMessage(call.IsGrpc ? HttpMethod.Post : HttpMethod.Get, uri) { Version = call.Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (call.IsGrpc)
        {
            request.Content = new ByteArrayContent(Http2.EmptyMessage);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            request.Headers.TE.ParseAdd("trailers");
        }

        return request;
    }

    public static async Task<Answer> AnswerOfAsync(Call call, HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        if (call.IsGrpc)
        {
            var status = response.TrailingHeaders.TryGetValues("grpc-status", out var values) || response.Headers.TryGetValues("grpc-status", out values)
                ? values.First()
                : "none";
            if (status != "0" && response.IsSuccessStatusCode)
            {
                return new Answer($"grpc-status {status}");
            }
        }

        return Answer.Of((int)response.StatusCode, Encoding.ASCII.GetString(call.IsGrpc && body.Length > 5 ? body[5..] : body));
    }
}
