using System.Collections.Immutable;
using System.Globalization;
using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>
/// Decides how the endpoints of a service are spoken to, port by port: what a destination rule says of TLS counts, else what the owner of the service asks
/// for by a BackendTLSPolicy, else the mesh decides for each endpoint.
/// </summary>
internal sealed class ClusterTlsCompiler
{
    private readonly TlsScene _scene;
    private readonly ClientTlsReader _reader;
    private readonly TlsPolicyCompiler _policies;
    private readonly DiagnosticList _diagnostics;
    private readonly string _host;

    /// <param name="store">Where the objects are that policies name.</param>
    /// <param name="service">Whose endpoints they are.</param>
    /// <param name="policies">The BackendTLSPolicies that name the service, the oldest first.</param>
    /// <param name="host">Its fully qualified name.</param>
    /// <param name="view">From where it is looked at.</param>
    /// <param name="diagnostics">Where problems go.</param>
    public ClusterTlsCompiler(
        ResourceStore store, Service service, ImmutableArray<BackendTlsPolicy> policies, string host, MeshViewpoint view, DiagnosticList diagnostics)
    {
        var certificates = new CertificateFinder(store);
        _scene = new TlsScene(store, service, view);
        _reader = new ClientTlsReader(new CredentialReader(certificates, view.Caller.Namespace));
        _policies = new TlsPolicyCompiler(service, policies, certificates, diagnostics);
        _diagnostics = diagnostics;
        _host = host;
    }

    /// <summary>What the ports that were reported come to.</summary>
    public IdentityLack Lack { get; private set; }

    public PortTls Compile(ServicePort port, CompiledPolicy policy)
    {
        var serverName = new MeshServerName(_host, port.Port);
        if (policy.Tls is { } stated && !(stated is { IsLeftOver: true, Fault: null } && _policies.Applies(port)))
        {
            return Compile(stated, serverName);
        }

        if (_policies.Compile(port) is { } asked)
        {
            return new UniformTls(TlsMode.Simple, $"{asked.Source} asks for it", asked);
        }

        return _scene.IsOff
            ? new OffTls(_scene)
            : new AutoTls(
                _scene,
                serverName,
                isPassThrough: policy.Balancer.Kind == LoadBalancerKind.PassThrough || IsHeadless(_scene.Service));
    }

    /// <summary>Says what of BackendTLSPolicies does not count.</summary>
    public void Report(ImmutableArray<ServicePort> ports) => _policies.Report(ports);

    /// <summary>Says what became of the endpoints of a port, where people should know.</summary>
    public void Report(ServicePort port, PortTls tls, ImmutableArray<EndpointModel> endpoints)
    {
        if (!_scene.Verifies)
        {
            return;
        }

        if (tls is AutoTls { Lack: var lack } && lack > Lack)
        {
            Lack = lack;
        }

        (tls as MeshTls)?.Report(endpoints);
        (tls as OffTls)?.Report(port, endpoints, _diagnostics);
        var usable = endpoints.Where(static endpoint => endpoint.Health != EndpointHealth.Unready).ToList();
        var withheld = usable.FindAll(static endpoint => endpoint.Withheld is not null);
        if (withheld.Count > 0)
        {
            var message = string.Create(
                CultureInfo.InvariantCulture,
                $"port {port.Port}: {withheld.Count} of {usable.Count} endpoints are not called, since they have to prove who they are, and cannot, or nobody can tell who that should be: {withheld[0].Withheld}");
            if (withheld.Count == usable.Count)
            {
                _diagnostics.Error(_scene.Service, DiagnosticCode.EndpointsWithheld, "", $"{message}; calls are answered with 503");
            }
            else
            {
                _diagnostics.Warning(_scene.Service, DiagnosticCode.EndpointsWithheld, "", message);
            }
        }
    }

    private PortTls Compile(StatedTls stated, MeshServerName serverName)
    {
        var subject = stated.Block.Subject;
        if (stated.Mode == TlsMode.Istio)
        {
            var (tls, identities) = ClientTlsReader.ReadMesh(stated, serverName.ToString());
            return new MeshTls(_scene, $"{subject} says ISTIO_MUTUAL", tls, identities, stated.Block);
        }

        return stated.Mode == TlsMode.None
            ? new UniformTls(TlsMode.None, $"{subject} says DISABLE", null)
            : new UniformTls(stated.Mode, stated.Fault is { } fault ? $"{subject} cannot be kept to: {fault}" : $"{subject} says {(stated.Mode == TlsMode.Simple ? "SIMPLE" : "MUTUAL")}", _reader.Read(stated));
    }

    private static bool IsHeadless(Service service) =>
        service.Spec.ClusterIP == "None" || service.Spec.ClusterIPs.OrEmpty() is ["None", ..];
}
