namespace MeshSdk.Tool.Lint.Rules;

/// <summary>The share of a mirror, and copies of requests that leave the namespace.</summary>
internal sealed class MirrorRule : ILintRule
{
    public const string Both = "MirrorPercentAndFraction";
    public const string Fraction = "MirrorFraction";
    public const string Leaves = "MirrorLeavesNamespace";

    private const int DefaultDenominator = 100;

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var mirror in subject.Filters().Select(static filter => filter["requestMirror"]).Where(static mirror => mirror.Exists))
        {
            if (mirror["percent"].Exists && mirror["fraction"].Exists)
            {
                yield return mirror["fraction"].Error(Both, "only one of percent and fraction may be given");
            }

            var fraction = mirror["fraction"];
            if (fraction["numerator"].Number is { } numerator && numerator > (fraction["denominator"].Number ?? DefaultDenominator))
            {
                yield return fraction["numerator"].Error(Fraction, "the numerator must not be greater than the denominator");
            }

            if (mirror["backendRef"]["namespace"] is { Text: { Length: > 0 } ns } place && ns != subject.Namespace)
            {
                yield return place.Info(Leaves, $"copies of requests, with all that they carry, leave for namespace {ns}: make sure that they may be read there");
            }
        }
    }
}
