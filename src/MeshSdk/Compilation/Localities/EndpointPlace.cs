using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Localities;

/// <summary>What counts for whether and when an endpoint is called from somewhere.</summary>
/// <param name="Health">What the control plane said of it.</param>
/// <param name="Locality">Where it runs.</param>
/// <param name="Node">The name of its node; null where that is not known.</param>
/// <param name="Hints">Whom its slice has it in mind for.</param>
/// <param name="Labels">Those of its pod; null where that is not read.</param>
internal readonly record struct EndpointPlace(
    EndpointHealth Health, Locality Locality, string? Node = null, EndpointHints? Hints = null, IReadOnlyDictionary<string, string>? Labels = null);
