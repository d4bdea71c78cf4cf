using System.Text;
using MeshSdk.Testing.Faults;
using MeshSdk.Testing.Http;

namespace MeshSdk.Testing;

/// <summary>
/// The ways in which the embedded API server misbehaves. All take effect at once, also on what is already running where they say so. What lasts is
/// undone by disposing of what the method returns, or by <see cref="Clear"/>. Predicates choose the requests concerned; without one all are.
/// </summary>
/// <remarks>Members of <see cref="EmbeddedKubernetes"/> that read and write objects go past all faults.</remarks>
public sealed class EmbeddedFaults
{
    private readonly EmbeddedKubernetes _cluster;
    private readonly ClusterParts _parts;

    internal EmbeddedFaults(EmbeddedKubernetes cluster, ClusterParts parts)
    {
        _cluster = cluster;
        _parts = parts;
    }

    /// <summary>Ends running watches in good order, as a server does when their time is over. New ones are served.</summary>
    /// <returns>How many were ended.</returns>
    public int CutWatches(Func<EmbeddedRequest, bool>? which = null) => ForEachWatch(which, watch => watch.End());

    /// <summary>Resets the streams of running watches; over HTTP/1.1 that closes their connections.</summary>
    /// <returns>How many were reset.</returns>
    public int AbortWatches(Func<EmbeddedRequest, bool>? which = null) => ForEachWatch(which, watch => watch.Abort());

    /// <summary>
    /// Lets running and new watches stand without a byte, headers included: no event, no bookmark, no end. Connections live, pings are answered,
    /// other requests are served. When it is undone, what was held back is sent.
    /// </summary>
    public IDisposable HangWatches(Func<EmbeddedRequest, bool>? which = null) => _parts.Faults.Watches.Shut(which);

    /// <summary>
    /// Takes new requests and does not answer them. Connections live and pings are answered. When it is undone, the requests are served.
    /// </summary>
    public IDisposable HangRequests(Func<EmbeddedRequest, bool>? which = null) => _parts.Faults.Requests.Shut(which);

    /// <summary>
    /// Reads and writes nothing on any connection, as behind a firewall that dropped the state: not even pings are answered, and new connections get
    /// no further than the TCP handshake. When it is undone, everything goes on.
    /// </summary>
    public IDisposable HangConnections() => _parts.Faults.Connections.Shut();

    /// <summary>
    /// Answers requests with a status and a <c>Status</c> object instead of serving them: 410 (reason <c>Expired</c>), 429, 500, 503 and the like.
    /// </summary>
    /// <param name="status">From 400 to 599.</param>
    /// <param name="which">The requests concerned; null: all.</param>
    /// <param name="retryAfter">Sent as <c>Retry-After</c>, in whole seconds, rounded up.</param>
    /// <param name="times">For how many requests; null: until it is undone.</param>
    public IDisposable Answer(int status, Func<EmbeddedRequest, bool>? which = null, TimeSpan? retryAfter = null, int? times = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 599);
        return _parts.Faults.Rules.Add(new FaultAction.Answer(status, retryAfter), which, times);
    }

    /// <summary>
    /// Begins new watches with 200, sends one <c>ERROR</c> event with a <c>Status</c> of this code and ends them. Other requests are served.
    /// </summary>
    /// <param name="status">410 is the one that API servers send.</param>
    /// <param name="which">The watches concerned; null: all.</param>
    /// <param name="times">For how many watches; null: until it is undone.</param>
    public IDisposable AnswerWatchesInStream(int status = 410, Func<EmbeddedRequest, bool>? which = null, int? times = null) =>
        _parts.Faults.Rules.Add(
            new FaultAction.AnswerInStream(status), request => request.Verb == "watch" && (which is null || which(request)), times);

    /// <summary>Sends running watches an <c>ERROR</c> event with a <c>Status</c> of this code and ends them.</summary>
    /// <returns>How many were ended.</returns>
    public int SendErrorToWatches(int status = 410, Func<EmbeddedRequest, bool>? which = null)
    {
        var line = WatchLine.Error(FaultInjector.Refusal(new(status, null)));
        return ForEachWatch(which, watch =>
        {
            watch.Send(line);
            watch.End();
        });
    }

    /// <summary>Serves requests only after a while, by the cluster's clock.</summary>
    /// <param name="delay">How long each waits.</param>
    /// <param name="which">The requests concerned; null: all.</param>
    /// <param name="times">For how many requests; null: until it is undone.</param>
    public IDisposable Delay(TimeSpan delay, Func<EmbeddedRequest, bool>? which = null, int? times = null) =>
        _parts.Faults.Rules.Add(new FaultAction.Delay(delay), which, times);

    /// <summary>Resets the streams of requests instead of answering; over HTTP/1.1 that closes their connections.</summary>
    /// <param name="which">The requests concerned; null: all.</param>
    /// <param name="times">For how many requests; null: until it is undone.</param>
    public IDisposable Drop(Func<EmbeddedRequest, bool>? which = null, int? times = null) => _parts.Faults.Rules.Add(new FaultAction.Drop(), which, times);

    /// <summary>Lets running watches break off in the middle of their next event's line.</summary>
    /// <returns>How many will.</returns>
    public int BreakNextLine(Func<EmbeddedRequest, bool>? which = null) => ForEachWatch(which, watch => watch.BreakNextLine());

    /// <summary>Sends running watches a line that is none of theirs, and goes on with them.</summary>
    /// <param name="line">Without its line feed; by default the beginning of an event, which is no JSON.</param>
    /// <param name="which">The watches concerned; null: all.</param>
    /// <returns>How many were sent it.</returns>
    public int SendLine(string line = "{\"type\":\"MODIFIED\",\"object\":{\"kind\":", Func<EmbeddedRequest, bool>? which = null)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        return ForEachWatch(which, watch => watch.Send(bytes));
    }

    /// <summary>
    /// Closes the port and all connections: the API server is gone, connecting is refused. Its objects stay, and can be read and changed through the
    /// members of
    /// <see cref="EmbeddedKubernetes"/>.
    /// </summary>
    /// <returns>To be disposed of when the server is to come back, on the same port.</returns>
    public async Task<IAsyncDisposable> StopListeningAsync()
    {
        await _cluster.StopListeningAsync().ConfigureAwait(false);
        return new Outage(_cluster);
    }

    /// <summary>
    /// Numbers all objects anew from resourceVersion 1 and cuts all watches, as when a control plane is restored from a backup. Versions from before
    /// are answered 504 with cause <c>ResourceVersionTooLarge</c>, or 410 where they are not too large. As on a cluster, that is so until the new count
    /// has come to the old one: whoever returns only then misses the changes in between and cannot know it.
    /// </summary>
    public void RestartWithLowerResourceVersions()
    {
        _parts.Store.Renumber();
        CutWatches();
    }

    /// <summary>
    /// Forgets all changes so far: lists and watches that go on from an earlier version are answered 410. Running watches are not concerned.
    /// </summary>
    public void Compact() => _parts.Store.Compact();

    /// <summary>
    /// Replaces the certificate authority and the serving certificate. Who trusts only the authority of before can connect no more; files and clients
    /// that were made from it have to be made again. Connections that are open stay.
    /// </summary>
    public void RotateCertificateAuthority() => _cluster.RotateCertificates();

    /// <summary>Ends the tokens of all service accounts: they are answered 401 until new ones are issued. The administrator's stays.</summary>
    public void ExpireTokens() => _parts.Tokens.ExpireServiceAccounts();

    /// <summary>Undoes everything that lasts, but for a server that does not listen, and for what was replaced or forgotten.</summary>
    public void Clear() => _parts.Faults.Clear();

    private int ForEachWatch(Func<EmbeddedRequest, bool>? which, Action<ActiveWatch> action)
    {
        var count = 0;
        foreach (var watch in _parts.Watches.Active.Where(watch => which is null || which(watch.Request)))
        {
            action(watch);
            count++;
        }

        return count;
    }

    private sealed class Outage(EmbeddedKubernetes cluster) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await cluster.ListenAsync().ConfigureAwait(false);
    }
}
