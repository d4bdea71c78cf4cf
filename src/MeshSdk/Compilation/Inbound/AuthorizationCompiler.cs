using System.Collections.Immutable;
using System.Text.Json;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>
/// Compiles who may call this process for what, from the authorization policies of its own namespace and of the root namespace. What it remembers from one
/// call to the next saves work and never changes a result. Not thread-safe.
/// </summary>
internal sealed class AuthorizationCompiler
{
    private AuthorizationInputs? _inputs;
    private AuthorizationModel _model = AuthorizationModel.Everyone;
    private ImmutableArray<MeshDiagnostic> _diagnostics = [];

    /// <returns>The same object as long as nothing that it is made from changes.</returns>
    public AuthorizationModel Compile(ResourceStore store, MeshViewpoint view, DiagnosticList diagnostics)
    {
        var inputs = AuthorizationInputs.Of(store, view);
        if (_inputs is null || !_inputs.IsSame(inputs))
        {
            var own = new DiagnosticList();
            _model = Compile(inputs, view, own);
            _diagnostics = own.ToImmutable();
            _inputs = inputs;
        }

        diagnostics.AddRange(_diagnostics);
        return _model;
    }

    /// <summary>Says what there is to be said of a policy to those whom it is for, whoever they are.</summary>
    public static void Judge(AuthorizationPolicy policy, string trustDomain, DiagnosticList diagnostics)
    {
        var labels = new Dictionary<string, string>(policy.Metadata.Labels ?? [], StringComparer.Ordinal);
        try
        {
            foreach (var label in AuthorizationField.SpecOf(policy)["selector"]["matchLabels"].Members())
            {
                labels[label.Name] = label.Text ?? "";
            }
        }
        catch (InvalidOperationException)
        {
            // Texts that are none, of which more is said below.
        }

        // One that is nobody's, so that a selector of which nothing can be read is not one for pods without labels.
        labels.TryAdd("", "");
        Read(policy, new(new AuthorizationPrincipals([trustDomain]), diagnostics), new CallerContext { Namespace = policy.Metadata.Namespace, Labels = labels }, diagnostics);
    }

    private static AuthorizationModel Compile(AuthorizationInputs inputs, MeshViewpoint view, DiagnosticList diagnostics)
    {
        var denials = ImmutableArray.CreateBuilder<AuthorizationRules>();
        ImmutableArray<AuthorizationRules>.Builder? allowances = null;
        var reader = new AuthorizationPolicyReader(new AuthorizationPrincipals([inputs.TrustDomain, .. inputs.Aliases]), diagnostics);
        foreach (var policy in inputs.Root.Concat(inputs.Own))
        {
            var (scope, reading) = Read(policy, reader, view.Caller, diagnostics);
            if (scope == AuthorizationScope.Others || reading.Allows is not { } allows)
            {
                continue;
            }

            if (allows)
            {
                allowances ??= ImmutableArray.CreateBuilder<AuthorizationRules>();
                allowances.Add(new(policy.ToString(), scope == AuthorizationScope.Own ? reading.Rules : []) { Fingerprint = FingerprintOf(policy, scope) });
            }
            else if (!reading.Rules.IsEmpty)
            {
                denials.Add(new(policy.ToString(), reading.Rules) { Fingerprint = FingerprintOf(policy, scope) });
            }
        }

        return new(denials.ToImmutable(), allowances?.ToImmutable()) { Normalization = inputs.Normalization };
    }

    private static int FingerprintOf(AuthorizationPolicy policy, AuthorizationScope scope) => HashCode.Combine(
        scope, policy.Spec is { ValueKind: not JsonValueKind.Undefined } spec ? spec.GetRawText().GetHashCode(StringComparison.Ordinal) : 0);

    private static (AuthorizationScope Scope, AuthorizationReading Reading) Read(
        AuthorizationPolicy policy, AuthorizationPolicyReader reader, CallerContext caller, DiagnosticList diagnostics)
    {
        AuthorizationScope scope;
        try
        {
            scope = AuthorizationScopes.Of(policy, caller, diagnostics);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which cannot be taken out of JSON.
            diagnostics.Error(policy, DiagnosticCode.UnsupportedValue, "spec", "for which pods it is cannot be read, since it holds texts that are none; it allows nothing");
            scope = AuthorizationScope.Uncertain;
        }

        return (scope, scope == AuthorizationScope.Others ? AuthorizationReading.Nothing : reader.Read(policy));
    }
}
