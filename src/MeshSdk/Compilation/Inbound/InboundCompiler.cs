using System.Collections.Immutable;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>
/// Compiles what is asked of those who call this process, from the policies for its own pod. Gives the same object as long as nothing about that changes.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// Nothing that an object may hold makes it throw, and a fault never makes anything wider: what was asked before is asked on, and where nothing was, nobody is
/// served.
/// </remarks>
/// <param name="caller">As the options have it.</param>
/// <param name="options">How things are compiled.</param>
internal sealed class InboundCompiler(CallerContext caller, CompilerOptions options)
{
    private readonly OwnPod _pod = new(caller);
    private readonly AuthorizationCompiler _authorizations = new();
    private InboundInputs? _inputs;
    private InboundModel _model = InboundModel.NotYet;

    /// <summary>What is wrong with the policies behind the last model, or is not acted on.</summary>
    public ImmutableArray<MeshDiagnostic> Diagnostics { get; private set; } = [];

    /// <param name="store">With the policies of the own namespace and of the root namespace.</param>
    /// <param name="view">Which process this is, and where.</param>
    public InboundModel Compile(ResourceStore store, MeshViewpoint view)
    {
        try
        {
            var inputs = InboundInputs.Of(store, view, _pod);
            if (_inputs?.IsSame(inputs) != true)
            {
                Compile(store, inputs);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fault(e, view);
        }

        return _model;
    }

    private void Compile(ResourceStore store, InboundInputs inputs)
    {
        var diagnostics = new DiagnosticList();
        var modes = Modes(inputs, diagnostics);
        RequestAuthenticationReport.Report(inputs, diagnostics);

        // Whoever stands before this process has to know; here nothing is asked.
        var unknown = inputs.Proxy.Kind == LocalProxyKind.None ? inputs.Unknown : null;
        var next = new InboundModel
        {
            Unknown = unknown?.ToString(),
            UnknownWhat = unknown?.What,
            Mode = modes.Other,
            Ports = modes.Ports.ToImmutableDictionary(),
            Authorization = _authorizations.Compile(store, inputs.View, diagnostics),
            IsAdvertised = inputs.IsAdvertised,
            Proxy = inputs.Proxy,
        };
        Diagnostics = diagnostics.ToImmutable();

        // Another place in a file, or a note of somebody's on an object, is another diagnostic at most.
        // So is another reason why something is not known: it is told, and changes nothing for anybody.
        _model = _inputs?.IsAlike(inputs) != true ? next with { Diagnostics = Diagnostics }
            : _model.Unknown != next.Unknown ? _model with { Unknown = next.Unknown }
            : _model;
        _inputs = inputs;
    }

    private PodModes Modes(InboundInputs inputs, DiagnosticList diagnostics)
    {
        var modes = PeerModes.Of(inputs.Peers.Root, inputs.Peers.Own).For(inputs.View.Caller);
        foreach (var policy in inputs.Peers.Own)
        {
            if (policy.Selects(inputs.View.Caller) is null)
            {
                diagnostics.Warning(policy, DiagnosticCode.PolicyUnknown, "spec.selector", $"it may be for this process, {OwnPod.NotKnown}; of all modes that may be meant the strictest counts");
            }
        }

        return options.VerifiesPeers ? modes : new(WithoutSecurity(modes.Other), ImmutableSortedDictionary<int, StatedPeerMode>.Empty);
    }

    /// <summary>There is no identity then, and no TLS: all comes in plaintext, as it goes out.</summary>
    private static StatedPeerMode WithoutSecurity(StatedPeerMode? asked) => new(
        PeerMode.Disable, $"security is off (Mesh:{nameof(MeshOptions.Security)}){(asked is { Mode: not PeerMode.Disable } ? $", whatever is asked for: {asked.Text}" : "")}");

    private void Fault(Exception fault, MeshViewpoint view)
    {
        var isKnown = _model.Unknown is null;
        var message = $"the mesh could not read the policies for this process ({fault.GetType().Name}: {fault.Message}); "
            + (isKnown ? "what was asked of callers before is asked on" : "nobody is served");
        Diagnostics = [new MeshDiagnostic(DiagnosticSeverity.Error, DiagnosticCode.InternalFault, MeshDiagnostic.OfMesh, "", message)];

        // The next event is another attempt.
        _inputs = null;
        if (!isKnown && _model.Unknown != message)
        {
            _model = new InboundModel { Unknown = message, Proxy = view.Settings.Proxy, Diagnostics = Diagnostics };
        }
    }
}
