using System.Collections.Concurrent;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Handshakes;

/// <summary>
/// Which sessions may be taken up again. The platform keeps them by the name that was asked for, and does not ask what is in them: the certificate
/// that the peer had at their beginning, which may have expired, been revoked or lost its authority after the peer got itself another. Such a session
/// would be refused at each dial, and so it is not offered.
/// </summary>
internal sealed class TlsSessions
{
    // Servers seldom take up sessions that are older, and of one that they do the worst is another refusal.
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Peer> _peers = new(StringComparer.Ordinal);

    /// <param name="serverName">What is asked for.</param>
    /// <param name="anchors">Who vouches for the peer; null: the machine, or whoever the identity comes with.</param>
    /// <param name="now">The time.</param>
    public bool MayResume(string serverName, TrustAnchors? anchors, DateTimeOffset now)
    {
        if (!_peers.TryGetValue(serverName, out var peer))
        {
            return true;
        }

        if (peer.BarredUntil is { } end)
        {
            return now.UtcDateTime >= end && _peers.TryRemove(KeyValuePair.Create(serverName, peer));
        }

        if (now.UtcDateTime < peer.NotAfter && (anchors is null || peer.Anchors is null || anchors.HoldsAllOf(peer.Anchors)))
        {
            return true;
        }

        Bar(serverName, now);
        return false;
    }

    /// <summary>A peer was accepted, whose certificate is now in a session.</summary>
    public void Accepted(string serverName, TrustAnchors? anchors, DateTime notAfter) => _peers.AddOrUpdate(
        serverName,
        static (_, peer) => peer,
        static (_, before, peer) => before.BarredUntil is not null || before.NotAfter < peer.NotAfter ? before : peer,
        new Peer(notAfter, anchors));

    /// <summary>A peer was refused that a session was offered to: perhaps for what it was when that began, and no longer is.</summary>
    public void Refused(string serverName, DateTimeOffset now) => Bar(serverName, now);

    // For as long as the old one may be of use to anybody, since a handshake without a session leaves it where it is. Not for good: a name is that of all
    // endpoints of a service, and one that is no good must not take sessions from the others for ever.
    private void Bar(string serverName, DateTimeOffset now) => _peers[serverName] = new Peer(DateTime.MinValue, null) { BarredUntil = (now + Pause).UtcDateTime };

    /// <param name="NotAfter">The earliest end of a certificate that a session may hold.</param>
    /// <param name="Anchors">Who vouched for it.</param>
    private sealed record Peer(DateTime NotAfter, TrustAnchors? Anchors)
    {
        /// <summary>Until when no session is offered; null: sessions are.</summary>
        public DateTime? BarredUntil { get; init; }
    }
}
