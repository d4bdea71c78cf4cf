using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>What a policy comes to.</summary>
/// <param name="Allows">Whether its rules allow; else they refuse. Null: it does neither.</param>
/// <param name="Rules">Those that may match anything.</param>
internal readonly record struct AuthorizationReading(bool? Allows, ImmutableArray<AuthorizationRule> Rules)
{
    public static AuthorizationReading Nothing => new(null, []);

    public static AuthorizationReading RefusesAll => new(false, [new AuthorizationRule(0)]);

    public static AuthorizationReading AllowsNone => new(true, []);
}

/// <summary>Reads one policy as a whole. What it may have refused is refused where that cannot be told, and what it may have allowed is not allowed.</summary>
internal sealed class AuthorizationPolicyReader(AuthorizationPrincipals principals, DiagnosticList diagnostics)
{
    private const string DryRunAnnotation = "istio.io/dry-run";

    /// <summary>Nothing that it may hold makes it throw.</summary>
    public AuthorizationReading Read(AuthorizationPolicy policy)
    {
        var spec = AuthorizationField.SpecOf(policy);
        try
        {
            return spec.IsMapping ? Read(spec) : RefuseAll(spec, $"{spec} is no mapping of fields");
        }
        catch (InvalidOperationException)
        {
            // Texts with half of a surrogate pair cannot be taken out of JSON.
            return RefuseAll(spec, "it holds texts that are none");
        }
    }

    private AuthorizationReading Read(AuthorizationField spec)
    {
        var action = spec["action"];
        (AuthorizationField Field, string Problem)[] odd = [.. spec.Odd(AuthorizationFields.Spec)];
        if (odd.FirstOrDefault(found => !action.Exists || found.Field.Path == action.Path) is { Problem: not null } doubtful)
        {
            // The action may be what is misspelt: one that refuses must not become one that allows.
            return RefuseAll(doubtful.Field, $"{doubtful.Problem}, and so it is not certain what the policy does");
        }

        switch (action.Exists ? action.Text : "ALLOW")
        {
            case "ALLOW":
                return IsDryRun(spec.Policy) ? AuthorizationReading.Nothing : Rules(spec, odd, allows: true);
            case "DENY":
                return IsDryRun(spec.Policy) ? AuthorizationReading.Nothing : Rules(spec, odd, allows: false);
            case "CUSTOM":
                diagnostics.Warning(
                    spec.Policy, DiagnosticCode.NotImplemented, action.Path, "nobody is asked here by the provider's name; what the rules match is refused");
                return Rules(spec, odd, allows: false);
            case "AUDIT":
                diagnostics.Info(spec.Policy, DiagnosticCode.NotImplemented, action.Path, "nothing is recorded here, and it decides nothing");
                return AuthorizationReading.Nothing;
            default:
                return RefuseAll(action, $"{action} is none of ALLOW, DENY, AUDIT and CUSTOM");
        }
    }

    private AuthorizationReading Rules(AuthorizationField spec, (AuthorizationField Field, string Problem)[] odd, bool allows)
    {
        var list = spec["rules"];
        var consequence = allows ? "the policy allows nothing"
            : list.Items().Any() ? "the policy refuses as if it were not there"
            : "the policy refuses everything, since there are no rules beside it";
        foreach (var (field, problem) in odd)
        {
            diagnostics.Error(spec.Policy, DiagnosticCode.UnsupportedValue, field.Path, $"{problem}; {consequence}");
        }

        if (!list.IsList)
        {
            diagnostics.Error(
                spec.Policy, DiagnosticCode.UnsupportedValue, list.Path, $"{list} is no list; the policy {(allows ? "allows nothing" : "refuses everything")}");
            return allows ? AuthorizationReading.AllowsNone : AuthorizationReading.RefusesAll;
        }

        if (odd.Length > 0 && (allows || !list.Items().Any()))
        {
            return allows ? AuthorizationReading.AllowsNone : AuthorizationReading.RefusesAll;
        }

        var reader = new AuthorizationRuleReader(principals, allows, diagnostics);
        return new(allows, [.. list.Items().Select(reader.Read).OfType<AuthorizationRule>()]);
    }

    private bool IsDryRun(AuthorizationPolicy policy)
    {
        switch (policy.Metadata.Annotations?.GetValueOrDefault(DryRunAnnotation))
        {
            case null or "0" or "f" or "F" or "false" or "FALSE" or "False":
                return false;
            case "1" or "t" or "T" or "true" or "TRUE" or "True":
                diagnostics.Info(policy, DiagnosticCode.Ignored, $"metadata.annotations.{DryRunAnnotation}", "the policy is a trial, and decides nothing");
                return true;
            case var other:
                diagnostics.Warning(
                    policy, DiagnosticCode.UnsupportedValue, $"metadata.annotations.{DryRunAnnotation}", $"'{other}' is neither true nor false; the policy counts");
                return false;
        }
    }

    private AuthorizationReading RefuseAll(AuthorizationField field, string problem)
    {
        diagnostics.Error(field.Policy, DiagnosticCode.UnsupportedValue, field.Path, $"{problem}; the policy refuses everything");
        return AuthorizationReading.RefusesAll;
    }
}
