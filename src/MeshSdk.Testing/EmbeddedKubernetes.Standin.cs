// STAND-IN: drop this file on merge. The server's own part of the class has the same member.
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing;

/// <summary>A Kubernetes API server inside this process.</summary>
public sealed partial class EmbeddedKubernetes
{
    internal EmbeddedKubernetes(IClusterApi api) => Api = api;

    internal IClusterApi Api { get; }
}
