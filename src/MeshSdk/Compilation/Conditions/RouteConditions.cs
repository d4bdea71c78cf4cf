using System.Collections.Immutable;
using System.Globalization;

namespace MeshSdk.Compilation.Conditions;

/// <summary>
/// Says in the Gateway API's conditions what the compiler has found out about a route. It judges nothing itself: every condition but the good ones comes
/// from a diagnostic, so that the two can never contradict each other.
/// </summary>
internal static class RouteConditions
{
    // The API allows for more. Whoever needs all of it has the diagnostics.
    private const int LongestMessage = 1024;

    /// <param name="generation">Of the version that is in force.</param>
    /// <param name="parent">Position of the parent among the route's references.</param>
    /// <param name="found">The diagnostics of this route.</param>
    /// <param name="servesNothing">None of its rules can be served as it was written.</param>
    /// <param name="pending">Why it cannot be told whether there is such a parent; null where it can.</param>
    public static ImmutableArray<MeshRouteCondition> Of(
        long? generation, int parent, IReadOnlyCollection<MeshDiagnostic> found, bool servesNothing, string? pending)
    {
        MeshDiagnostic[] faults = [.. found.Where(IsFaultOfRule)];
        var isWhollyInvalid = servesNothing && faults.Length > 0;
        var accepted = Unattached(found, parent) is { } loss ? Condition(ConditionWords.Accepted, ConditionWords.False, loss.Code, loss.Message)
            : pending is not null ? Condition(ConditionWords.Accepted, ConditionWords.Unknown, ConditionWords.Pending, pending)
            : isWhollyInvalid ? Condition(ConditionWords.Accepted, ConditionWords.False, ReasonOf(faults), Text(faults))
            : Condition(ConditionWords.Accepted, ConditionWords.True, ConditionWords.Accepted, "the route is in force");
        var references = References(found);
        return Partial(found, isWhollyInvalid ? [] : faults) is { } message
            ? [accepted, references, Condition(ConditionWords.PartiallyInvalid, ConditionWords.True, DiagnosticCode.UnsupportedValue, message)]
            : [accepted, references];

        MeshRouteCondition Condition(string type, string status, string reason, string message) =>
            new(type, status, reason, message.Length <= LongestMessage ? message : message[..(LongestMessage - 1)] + "…", generation);

        MeshRouteCondition References(IReadOnlyCollection<MeshDiagnostic> all)
        {
            MeshDiagnostic[] broken = [.. all.Where(IsBrokenReference)];
            if (broken.Length > 0)
            {
                return Condition(ConditionWords.ResolvedRefs, ConditionWords.False, broken[0].Code, Text(broken));
            }

            return all.FirstOrDefault(static d => d.Code == DiagnosticCode.BackendUnknown) is { } open
                ? Condition(ConditionWords.ResolvedRefs, ConditionWords.Unknown, ConditionWords.Pending, Text([open]))
                : Condition(ConditionWords.ResolvedRefs, ConditionWords.True, ConditionWords.ResolvedRefs, "every reference leads to an object that can be used");
        }
    }

    private static MeshDiagnostic? Unattached(IReadOnlyCollection<MeshDiagnostic> found, int parent)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"spec.parentRefs[{parent}]");
        return found.FirstOrDefault(diagnostic => diagnostic.Code == DiagnosticCode.NoMatchingParent && diagnostic.Path == path);
    }

    // The two openings are the API's own: programs tell by them whether the rest of the route is of the present version or of an older one.
    private static string? Partial(IReadOnlyCollection<MeshDiagnostic> found, MeshDiagnostic[] faults)
    {
        MeshDiagnostic[] refused = [.. found.Where(static d => d.Code == DiagnosticCode.FallBack)];
        return refused.Length > 0 ? $"Fall Back: {Text(refused)}"
            : faults.Length > 0 ? $"Dropped Rule: {Text(faults)}"
            : null;
    }

    private static bool IsFaultOfRule(MeshDiagnostic diagnostic) =>
        diagnostic.FailsRequests
        && diagnostic.Code is DiagnosticCode.UnsupportedValue or DiagnosticCode.PartiallyInvalid or DiagnosticCode.IncompatibleFilters;

    private static bool IsBrokenReference(MeshDiagnostic diagnostic) =>
        diagnostic.Code is DiagnosticCode.RefNotPermitted or DiagnosticCode.InvalidKind or DiagnosticCode.BackendNotFound or DiagnosticCode.UnsupportedProtocol;

    private static string ReasonOf(MeshDiagnostic[] faults) =>
        Array.TrueForAll(faults, static fault => fault.Code == DiagnosticCode.IncompatibleFilters)
            ? DiagnosticCode.IncompatibleFilters
            : DiagnosticCode.UnsupportedValue;

    private static string Text(MeshDiagnostic[] faults) =>
        $"{faults[0].Path}: {faults[0].Message}{(faults.Length > 1 ? $" (and {faults.Length - 1} more)" : "")}";
}
