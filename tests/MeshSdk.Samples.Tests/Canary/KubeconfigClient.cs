using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace MeshSdk.Samples.Tests.Canary;

/// <summary>Calls an API server with what a kubeconfig says and nothing else, for machines without kubectl.</summary>
internal sealed partial class KubeconfigClient : IDisposable
{
    private readonly HttpClient _http;

    public KubeconfigClient(string kubeconfig)
    {
        var fields = Field().Matches(kubeconfig).ToDictionary(field => field.Groups["name"].Value, field => field.Groups["value"].Value);
        var authority = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(Convert.FromBase64String(fields["certificate-authority-data"])));
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { authority },
        };
        _http = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust } })
        {
            BaseAddress = new Uri(fields["server"]),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", fields["token"]) },
        };
    }

    public async Task PatchAsync(string path, string patch, CancellationToken cancellationToken)
    {
        using var content = new StringContent(patch, Encoding.UTF8, new MediaTypeHeaderValue("application/json-patch+json"));
        using var response = await _http.PatchAsync(path, content, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.DeleteAsync(path, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex(@"^ +(?<name>server|certificate-authority-data|token): (?<value>\S+)\s*$", RegexOptions.Multiline)]
    private static partial Regex Field();
}
