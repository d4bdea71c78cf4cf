using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>
/// All rules of a frontend. <see cref="Matches"/> stand in order of precedence, so that the first hit decides; no hit means that no route matched.
/// </summary>
internal sealed record RouteTable(ImmutableArray<RouteRule> Rules, ImmutableArray<RouteMatch> Matches);
