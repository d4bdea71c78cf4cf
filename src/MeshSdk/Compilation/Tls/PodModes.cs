using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Tls;

/// <summary>What policies state for one pod.</summary>
/// <param name="Other">What holds for ports that are not listed; null: no policy says anything of them.</param>
/// <param name="Ports">By the pod's own number of the port.</param>
internal sealed record PodModes(StatedPeerMode? Other, ImmutableSortedDictionary<int, StatedPeerMode> Ports);
