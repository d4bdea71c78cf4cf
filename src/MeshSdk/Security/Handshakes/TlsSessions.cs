using System.Collections.Concurrent;

namespace MeshSdk.Security.Handshakes;

/// <summary>
/// Which sessions may be taken up again. The platform keeps them by the name that was asked for, and does not ask what is in them: the certificate
/// that the peer had at their beginning, which may have expired or been revoked long after the peer got itself another. Such a session would be refused at each dial.
/// </summary>
internal sealed class TlsSessions
{
    private readonly ConcurrentDictionary<string, DateTime> _until = new(StringComparer.Ordinal);

    public bool MayResume(string serverName, DateTimeOffset now) => !_until.TryGetValue(serverName, out var until) || now.UtcDateTime < until;

    /// <summary>A peer was accepted, whose certificate is now in a session.</summary>
    public void Accepted(string serverName, DateTime notAfter) =>
        _until.AddOrUpdate(serverName, static (_, notAfter) => notAfter, static (_, until, notAfter) => until < notAfter ? until : notAfter, notAfter);

    /// <summary>A peer was refused: perhaps for what it was, and no longer is.</summary>
    public void Refused(string serverName) => _until[serverName] = DateTime.MinValue;
}
