using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Conditions;

/// <summary>The references to parents that a route of any kind has.</summary>
internal static class RouteParents
{
    public static ImmutableArray<ParentReference> ParentRefs(this Resource route) => route is HttpRoute http ? http.Spec.ParentRefs.OrEmpty() : [];
}
