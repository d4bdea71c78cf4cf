using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>For whom a policy is, seen from one process.</summary>
internal enum AuthorizationScope
{
    /// <summary>Not for it.</summary>
    Others,

    /// <summary>For it.</summary>
    Own,

    /// <summary>Maybe for it: what the policy refuses is refused, and what it allows is not allowed by it.</summary>
    Uncertain,
}

/// <summary>Tells for whom policies are: for all pods of their namespace, or for those with some labels; those for gateways, waypoints and Services are for none.</summary>
internal static class AuthorizationScopes
{
    public const string RevisionLabel = "istio.io/rev";

    private const string Counts = "the policy counts as one that may be for this process: it refuses what it would, and allows nothing";

    public static AuthorizationScope Of(AuthorizationPolicy policy, CallerContext caller, DiagnosticList diagnostics)
    {
        var spec = AuthorizationField.SpecOf(policy);
        if (!spec.IsMapping)
        {
            return AuthorizationScope.Own;
        }

        var scope = Selected(spec["selector"], caller, diagnostics);
        return scope == AuthorizationScope.Others ? scope : Narrowest(scope, Narrowest(Targeted(spec, diagnostics), Revised(policy, caller, diagnostics)));
    }

    private static AuthorizationScope Narrowest(AuthorizationScope left, AuthorizationScope right) =>
        left == AuthorizationScope.Others || right == AuthorizationScope.Others ? AuthorizationScope.Others
        : left == AuthorizationScope.Uncertain ? left
        : right;

    private static AuthorizationScope Targeted(AuthorizationField spec, DiagnosticList diagnostics)
    {
        var (several, single) = (spec["targetRefs"], spec["targetRef"]);
        if (!several.IsList)
        {
            return Uncertain(several, $"{several} is no list", diagnostics);
        }

        AuthorizationField[] targets = several.Items().Any() ? [.. several.Items()] : single.Exists ? [single] : [];
        if (targets.Length == 0)
        {
            return AuthorizationScope.Own;
        }

        foreach (var target in targets)
        {
            if (target["kind"].Text is null or "" || target["name"].Text is null or "")
            {
                return Uncertain(target, $"{target} has no kind and name to go by", diagnostics);
            }
        }

        diagnostics.Info(
            spec.Policy, DiagnosticCode.Ignored, targets[0].Path, "a policy with a target is for gateways and waypoints, which keep it, and for no process itself");
        return AuthorizationScope.Others;
    }

    private static AuthorizationScope Selected(AuthorizationField selector, CallerContext caller, DiagnosticList diagnostics)
    {
        var labels = selector["matchLabels"];
        AuthorizationField? unreadable = null, unseen = null;
        foreach (var label in labels.Members())
        {
            if (caller.Labels.Count == 0)
            {
                return Uncertain(
                    labels, "which labels the own pod has is not known; set POD_NAME so that it can be read, or state them as Mesh:Labels", diagnostics);
            }

            if (label.Text is not { } wanted)
            {
                unreadable ??= label;
            }
            else if (caller.HasLabel(label.Name, wanted) is not { } has)
            {
                unseen ??= label;
            }
            else if (!has)
            {
                return AuthorizationScope.Others;
            }
        }

        if (unseen is { } absent)
        {
            return Uncertain(
                absent,
                "the own pod, which has not been read, may have this label beside those that Mesh:Labels states; let the pod be read, or state the label too",
                diagnostics);
        }

        if (unreadable is { } odd)
        {
            return Uncertain(odd, $"{odd} is no text; quote it", diagnostics);
        }

        if (!selector.IsMapping || !labels.IsMapping)
        {
            return Uncertain(selector, $"{selector} is no mapping with matchLabels", diagnostics);
        }

        foreach (var (field, problem) in selector.Odd(AuthorizationFields.Selector))
        {
            return Uncertain(field, problem, diagnostics);
        }

        return AuthorizationScope.Own;
    }

    // The label of a pod may be that of a tag, which several revisions have in turn: it can say that a policy is for the pod, but not that it is not.
    private static AuthorizationScope Revised(AuthorizationPolicy policy, CallerContext caller, DiagnosticList diagnostics)
    {
        if (policy.Metadata.Labels?.GetValueOrDefault(RevisionLabel) is not { } revision
            || (caller.Labels.TryGetValue(RevisionLabel, out var own) && own == revision))
        {
            return AuthorizationScope.Own;
        }

        diagnostics.Error(
            policy,
            DiagnosticCode.UnsupportedValue,
            $"metadata.labels.{RevisionLabel}",
            $"it is for revision {revision}, and the labels of this process do not say that it is of that one; {Counts}");
        return AuthorizationScope.Uncertain;
    }

    private static AuthorizationScope Uncertain(AuthorizationField field, string problem, DiagnosticList diagnostics)
    {
        diagnostics.Error(field.Policy, DiagnosticCode.UnsupportedValue, field.Path, $"{problem}; {Counts}");
        return AuthorizationScope.Uncertain;
    }
}
