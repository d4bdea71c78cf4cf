namespace MeshSdk;

/// <summary>How this process takes part in the mesh as a server. Binds to the configuration section <c>Mesh:Server</c>.</summary>
public sealed class MeshServerOptions
{
    /// <summary>
    /// Which connections are taken where no PeerAuthentication says so: one that is for this process always counts before it.
    /// Default <see cref="PeerAuthenticationMode.Permissive"/>, as Istio has it.
    /// </summary>
    public PeerAuthenticationMode Mode { get; set; } = PeerAuthenticationMode.Permissive;

    /// <summary>
    /// Trust domains whose members are listened to, beside that of the mesh and its aliases. The identity of this process has to come with a trust bundle of
    /// each. Default none.
    /// </summary>
    public IList<string> TrustDomains { get; set; } = [];

    /// <summary>
    /// Ports of this process that take plaintext from everyone whatever the mode and the policies say, and answer nothing but <see cref="PlaintextPaths"/>: for
    /// the probes of a kubelet and for the scrapes of Prometheus, which have no identity. Default none.
    /// </summary>
    public IList<int> PlaintextPorts { get; set; } = [];

    /// <summary>
    /// What is answered at <see cref="PlaintextPorts"/>: paths and what is below them; all else is 404. Empty: these defaults,
    /// <c>/health</c>, <c>/healthz</c>, <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>.
    /// </summary>
    public IList<string> PlaintextPaths { get; set; } = [];

    /// <summary>How long a new connection may keep silent before it is closed: its first byte tells TLS from plaintext. Default 10 s.</summary>
    public TimeSpan SniffTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a TLS handshake may take. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection that is not allowed any more, because the mode has changed or what its caller has proved is over, may take for the calls that are
    /// under way. WebSockets and streams that have not ended by then are broken off. More than nothing, an hour at most. Default 45 s, as long as Istio lets the
    /// connections of a sidecar drain.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(45);
}
