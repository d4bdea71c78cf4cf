using System.Net.Http.Headers;
using System.Text;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>One that the configuration itself holds.</summary>
internal sealed class FixedCredential : ICredential
{
    public static readonly FixedCredential None = new(null);

    private readonly AuthenticationHeaderValue? _header;

    private FixedCredential(AuthenticationHeaderValue? header) => _header = header;

    public static FixedCredential Token(string token) => new(new AuthenticationHeaderValue("Bearer", token));

    public static FixedCredential Basic(string user, string password) =>
        new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))));

    public ValueTask<AuthenticationHeaderValue?> GetHeaderAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_header);
}
