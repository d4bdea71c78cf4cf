using System.Net.Http.Headers;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>A token in a file that somebody else keeps fresh, as the kubelet does for service accounts.</summary>
internal sealed class TokenFileCredential(string path, TimeProvider time) : ICredential
{
    // The kubelet replaces a token when a fifth of its life is left, and the shortest life is ten minutes.
    private static readonly TimeSpan ReadInterval = TimeSpan.FromMinutes(1);

    private volatile Reading? _last;

    public async ValueTask<AuthenticationHeaderValue?> GetHeaderAsync(CancellationToken cancellationToken)
    {
        var last = _last;
        if (last is not null && time.GetElapsedTime(last.Time) < ReadInterval)
        {
            return last.Header;
        }

        var token = (await TextFile.ReadAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
        if (token.Length == 0)
        {
            throw new ConnectionException($"{path} holds no token");
        }

        _last = last = new(time.GetTimestamp(), new AuthenticationHeaderValue("Bearer", token));
        return last.Header;
    }

    public void Invalidate(AuthenticationHeaderValue? refused)
    {
        if (_last is { } last && last.Header.Equals(refused))
        {
            Interlocked.CompareExchange(ref _last, null, last);
        }
    }

    private sealed record Reading(long Time, AuthenticationHeaderValue Header);
}
