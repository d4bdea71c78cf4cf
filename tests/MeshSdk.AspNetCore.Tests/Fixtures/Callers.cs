using System.Net.Security;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>Clients of .NET's own, with an identity or without.</summary>
internal static class Callers
{
    /// <param name="host">Who is called.</param>
    /// <param name="certificate">What is shown; null: plaintext.</param>
    /// <param name="version">Of HTTP, and no other.</param>
    public static HttpClient Client(this MeshHost host, MeshTestCertificate? certificate, string version = "1.1") => new(Handler(certificate))
    {
        BaseAddress = new Uri($"{(certificate is null ? "http" : "https")}://{host.EndPoint}/"),
        DefaultRequestVersion = Version.Parse(version),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>One connection at most, so that it shows whether that is kept.</summary>
    public static SocketsHttpHandler Handler(MeshTestCertificate? certificate)
    {
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1, AllowAutoRedirect = false, UseCookies = false };
        if (certificate is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [certificate.Certificate],

                // Whom the servers are is looked at elsewhere.
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
            };
        }

        return handler;
    }
}
