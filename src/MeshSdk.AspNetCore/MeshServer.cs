using System.Collections.Frozen;
using System.Net;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Telemetry;
using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Security.Handshakes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore;

/// <summary>The server half of the mesh of this process: what it asks of its callers now, and who they are.</summary>
internal sealed class MeshServer : IDisposable
{
    private readonly Mesh _mesh;
    private readonly FrozenSet<int> _plaintextPorts;
    private readonly long _patience;
    private readonly LiveChanges _changes;

    public MeshServer(
        Mesh mesh, IOptions<MeshServerOptions> options, InboundMetrics metrics, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        Metrics = metrics;
        _mesh = mesh;
        Options = options.Value;
        Time = time ?? TimeProvider.System;

        // Both count in the same order.
        mesh.Runtime.OwnMode = (PeerMode)Options.Mode;
        Acceptor = new TlsAcceptor(mesh.Runtime.Identity.Store, Time, [.. Options.TrustDomains]);
        var logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("MeshSdk.AspNetCore.Callers");
        Refusals = new RefusalLog(logger, Time);
        PlaintextCallers = new PlaintextCallers(logger, Time);
        var deadlines = new Deadlines(this, logger);
        Connections = new ConnectionList(Time, Options.SniffTimeout, () => Guarded.Run(logger, deadlines.Meet));
        _plaintextPorts = Options.PlaintextPorts.ToFrozenSet();
        mesh.Runtime.FollowPorts(() => [.. Endpoints.Ports().Where(port => !_plaintextPorts.Contains(port))]);
        _patience = (long)(Options.SniffTimeout.TotalSeconds * Time.TimestampFrequency);
        _changes = new LiveChanges(this, logger);
        mesh.Runtime.InboundChanged += _changes.Follow;
        mesh.Runtime.Identity.Store.Changed += Follow;
    }

    public MeshServerOptions Options { get; }

    public TimeProvider Time { get; }

    public TlsAcceptor Acceptor { get; }

    public InboundMetrics Metrics { get; }

    /// <summary>The endpoints that go through the mesh.</summary>
    public MeshEndpoints Endpoints { get; } = new();

    /// <summary>Those that are open now, or about to be.</summary>
    public ConnectionList Connections { get; }

    /// <summary>Says which were refused.</summary>
    public RefusalLog Refusals { get; }

    /// <summary>What the mesh asks of callers; one volatile read.</summary>
    public InboundModel Inbound => _mesh.Runtime.Inbound;

    /// <summary>Whether somebody before this process does all that would be done here: then connections are taken as Kestrel takes them.</summary>
    public bool StandsAside => _mesh.Runtime.Proxy.Kind != LocalProxyKind.None || Inbound.Proxy.Kind != LocalProxyKind.None;

    /// <summary>Who this process is, also after that has expired; null while it is not known.</summary>
    public SpiffeId? Id => _mesh.Runtime.Identity.Store.Last?.Id;

    /// <summary>Names those that are taken in plaintext for now.</summary>
    public PlaintextCallers PlaintextCallers { get; }

    /// <summary>What is known of the place of this process.</summary>
    public CallerContext Caller => _mesh.Caller;

    /// <summary>Whether the mesh has a Service now; it may not have been asked for one that there is.</summary>
    public bool Knows(ServiceId service) => _mesh.Runtime.Snapshot.Services.ContainsKey(service);

    /// <summary>Whether a call may be answered that comes on a connection, which was allowed when it began.</summary>
    public bool Allows(InboundConnection connection) =>
        connection.IsExempt || (connection.Lapsed is null && Takes(connection.LocalPort, connection.IsSecure));

    /// <summary>The same of a connection that lasts: one that came past a proxy before that was there goes, so that its caller comes through it.</summary>
    public bool Keeps(InboundConnection connection) => Allows(connection) && !(connection.IsSecure && StandsAside);

    /// <summary>
    /// Whether connections of a kind are taken at a port, now. One that did not go through the mesh, as those of HTTP/3 and of servers other than Kestrel, is
    /// not secure.
    /// </summary>
    public bool Takes(int port, bool isSecure) => StandsAside || ModeOf(port) switch
    {
        PeerMode.Strict => isSecure,
        PeerMode.Disable => !isSecure,
        _ => true,
    };

    public PeerMode ModeOf(int port) => Stated(port)?.Mode ?? (PeerMode)Options.Mode;

    /// <summary>By whom a mode is asked for, for people.</summary>
    public string StatedMode(int port) => Stated(port)?.Text ?? $"Mesh:Server:Mode says {Options.Mode}";

    /// <summary>Why a connection is not allowed, for people.</summary>
    public string Fault(InboundConnection connection) =>
        connection.Lapsed
        ?? (connection.IsSecure && StandsAside ? "it came past the proxy that stands before this process now" : Fault(connection.LocalPort, connection.IsSecure));

    /// <summary>Why connections of a kind are not taken at a port, for people.</summary>
    public string Fault(int port, bool isSecure) => $"it came {(isSecure ? "by TLS" : "in plaintext")}, and {StatedMode(port)}";

    public bool IsPlaintextPort(EndPoint? local) => local is IPEndPoint { Port: var port } && _plaintextPorts.Contains(port);

    /// <summary>When a connection that begins now has kept silent for too long.</summary>
    public long EndOfPatience() => Time.GetTimestamp() + _patience;

    public void Dispose()
    {
        _mesh.Runtime.InboundChanged -= _changes.Follow;
        _mesh.Runtime.Identity.Store.Changed -= Follow;
        Connections.Dispose();
    }

    private void Follow(IdentityContext identity) => _changes.Follow();

    private StatedPeerMode? Stated(int port)
    {
        var inbound = Inbound;
        return (inbound.Ports.IsEmpty ? null : inbound.Ports.GetValueOrDefault(port)) ?? inbound.Mode;
    }
}
