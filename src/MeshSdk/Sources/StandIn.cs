using MeshSdk.Resources;

namespace MeshSdk.Sources;

/// <summary>
/// What is in force for a policy that cannot be read, and only while it has no last good version. Absence is not permission: where it may have
/// demanded TLS, its calls fail.
/// </summary>
/// <param name="Rule">
/// Of a destination rule its readable blocks, with <see cref="ClientTlsSettings.Unreadable"/> as the mode where the TLS settings are none of them; of a
/// BackendTLSPolicy what it is about, and nothing that could satisfy it.
/// </param>
/// <param name="IsNamed">False: the object has no name that can be told, and the one it has here is made up.</param>
internal sealed record StandIn(Resource Rule, bool IsNamed);
