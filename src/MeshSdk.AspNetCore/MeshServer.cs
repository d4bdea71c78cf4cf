using MeshSdk.AspNetCore.Telemetry;
using MeshSdk.Model;
using MeshSdk.Security.Handshakes;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore;

/// <summary>The server half of the mesh of this process: what it asks of its callers now.</summary>
internal sealed class MeshServer
{
    private readonly Mesh _mesh;

    public MeshServer(Mesh mesh, IOptions<MeshServerOptions> options, InboundMetrics metrics, TimeProvider? time = null)
    {
        Metrics = metrics;
        _mesh = mesh;
        Options = options.Value;
        Time = time ?? TimeProvider.System;
        mesh.Runtime.OwnMode = ModeOf(Options.Mode);
        Acceptor = new TlsAcceptor(mesh.Runtime.Identity.Store, Time, [.. Options.TrustDomains]);
    }

    public MeshServerOptions Options { get; }

    public TimeProvider Time { get; }

    public TlsAcceptor Acceptor { get; }

    public InboundMetrics Metrics { get; }

    /// <summary>What the mesh asks of callers; one volatile read.</summary>
    public InboundModel Inbound => _mesh.Runtime.Inbound;

    /// <summary>Somebody before this process takes its connections and does all this: a sidecar, or the proxy of the node.</summary>
    public bool StandsAside => _mesh.Runtime.Proxy.Kind != LocalProxyKind.None;

    /// <summary>Who this process is; null while that is not known.</summary>
    public SpiffeId? Id => _mesh.Runtime.Identity.Store.Last?.Id;

    /// <summary>What is known of the place of this process.</summary>
    public CallerContext Caller => _mesh.Caller;

    /// <summary>Whether connections of a kind are taken at a port, now.</summary>
    public bool Takes(int port, bool isSecure) => ModeOf(port) switch
    {
        PeerMode.Strict => isSecure,
        PeerMode.Disable => !isSecure,
        _ => true,
    };

    public PeerMode ModeOf(int port)
    {
        var inbound = Inbound;
        return (inbound.Ports.GetValueOrDefault(port) ?? inbound.Mode)?.Mode ?? ModeOf(Options.Mode);
    }

    private static PeerMode ModeOf(PeerAuthenticationMode mode) => mode switch
    {
        PeerAuthenticationMode.Strict => PeerMode.Strict,
        PeerAuthenticationMode.Disable => PeerMode.Disable,
        _ => PeerMode.Permissive,
    };
}
