using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Tool.Explain;

/// <summary>Names where copies go.</summary>
internal static class MirrorExplainer
{
    public static IReadOnlyList<ExplainedMirror> Of(ImmutableArray<RouteFilter> filters) =>
    [
        .. from mirror in filters.OfType<MirrorFilter>()
           where mirror.Target.Failure is null
           let target = mirror.Target.Cluster
           select new ExplainedMirror(target.Namespace, target.Service, target.Port, FractionOf(mirror)),
    ];

    public static double FractionOf(MirrorFilter mirror) => mirror.Numerator / (double)mirror.Denominator;
}
