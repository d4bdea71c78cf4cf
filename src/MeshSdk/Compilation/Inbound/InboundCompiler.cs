using System.Collections.Immutable;
using System.Globalization;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>Compiles what is asked of those who call this process, from the policies for its own pod.</summary>
internal static class InboundCompiler
{
    private const string IstioTls = "istio";

    /// <param name="store">With the policies of the own namespace and of the root namespace.</param>
    /// <param name="view">Which process this is, and where.</param>
    /// <param name="authorizations">Of the same compiler, with what it remembers.</param>
    public static InboundModel Compile(ResourceStore store, MeshViewpoint view, AuthorizationCompiler authorizations)
    {
        var diagnostics = new DiagnosticList();
        var caller = view.Caller;
        var modes = PeerModes.Of(store, caller.Namespace, caller.RootNamespace);
        var labels = new Dictionary<string, string>(caller.Labels, StringComparer.Ordinal);
        return new InboundModel
        {
            Unknown = new UnknownResolver(store, caller).Peers(caller.Namespace),
            Mode = modes.Exist ? modes.Of(labels, port: 0) : null,
            Ports = PortsOf(store.Peers.In(caller.Namespace)).ToImmutableDictionary(static port => port, port => modes.Of(labels, port)),
            Authorization = authorizations.Compile(store, view, diagnostics),
            IsAdvertised = caller.Labels.Count == 0 ? null : caller.Labels.GetValueOrDefault(Pod.TlsModeLabel) == IstioTls,
            Proxy = view.Settings.Proxy,
            Diagnostics = diagnostics.ToImmutable(),
        };
    }

    private static IEnumerable<int> PortsOf(ImmutableArray<PeerAuthentication> policies) => policies
        .SelectMany(static policy => policy.Spec.PortLevelMtls?.Keys ?? Enumerable.Empty<string>())
        .Select(static text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0)
        .Where(static port => port > 0)
        .Distinct();
}
