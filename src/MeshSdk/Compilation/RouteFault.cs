using System.Globalization;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>What makes a route unfit to replace its last sound version.</summary>
internal static class RouteFault
{
    public static string WeightMessage(int? weight) =>
        string.Create(CultureInfo.InvariantCulture, $"a weight is a number from 0 to {ResourceStoreAdmission.MaximumWeight}, not {weight}");

    /// <summary>Reports a version that the store did not take.</summary>
    public static void Report(RouteResource refused, DiagnosticList diagnostics)
    {
        var rules = refused.WrittenRules;
        for (var rule = 0; rule < rules.Length; rule++)
        {
            var backends = (rules[rule]?.BackendRefs).OrEmpty();
            for (var i = 0; i < backends.Length; i++)
            {
                if (!ResourceStoreAdmission.IsWeight(backends[i]?.Weight))
                {
                    diagnostics.Error(
                        refused, DiagnosticCode.FallBack, $"spec.rules[{rule}].backendRefs[{i}].weight",
                        $"{WeightMessage(backends[i].Weight)}; the last good version of the route stays in force");
                }
            }
        }
    }
}
