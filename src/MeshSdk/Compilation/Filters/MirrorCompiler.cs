using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Filters;

/// <summary>
/// Compiles mirrors. One whose target leads nowhere is left out: what becomes of copies must never touch the requests themselves. One that is malformed
/// fails like any filter that cannot be carried out.
/// </summary>
internal sealed class MirrorCompiler(ReferenceResolver references)
{
    private const string Stanza = ".requestMirror";
    private const string Consequence = "nothing is mirrored by it";

    /// <summary>Null where it is left out or has failed.</summary>
    public MirrorFilter? Compile(HttpRequestMirrorFilter? source, FilterSite site)
    {
        if (source?.BackendRef is not { } target)
        {
            site.Fail(Stanza, "the filter names no backend to mirror to; backendRef is missing");
            return null;
        }

        if (FractionOf(source, site) is not { } fraction
            || references.Resolve(site.Route, target, $"{site.Path}{Stanza}.backendRef", static _ => Consequence) is not null)
        {
            return null;
        }

        var cluster = new ClusterId(ResourceStoreReferences.NamespaceOr(target.Namespace, site.Route), target.Name, target.Port ?? 0);
        return new MirrorFilter(new BackendModel(cluster, 1), fraction.Numerator, fraction.Denominator);
    }

    private static (int Numerator, int Denominator)? FractionOf(HttpRequestMirrorFilter source, FilterSite site)
    {
        switch (source)
        {
            case { Percent: not null, Fraction: not null }:
                site.Fail($"{Stanza}.percent", "a mirror has a percentage or a fraction, not both");
                return null;

            case { Percent: { } percent }:
                if (percent is < 0 or > 100)
                {
                    site.Fail($"{Stanza}.percent", $"{percent} is no percentage, 0 to 100");
                    return null;
                }

                return (percent, 100);

            case { Fraction: { } fraction }:
                var denominator = fraction.Denominator ?? 100;
                if (denominator < 1 || fraction.Numerator < 0 || fraction.Numerator > denominator)
                {
                    site.Fail($"{Stanza}.fraction", $"{fraction.Numerator}/{denominator} is no part of the requests, 0 to 1");
                    return null;
                }

                return (fraction.Numerator, denominator);

            default:
                return (1, 1);
        }
    }
}
