using MeshSdk.Resources;

namespace MeshSdk.Sources;

/// <summary>
/// What is in force for a destination rule that cannot be read, and only while it has no last good version. Absence is not permission: where
/// the rule may have demanded TLS, its calls fail.
/// </summary>
/// <param name="Rule">Its readable blocks; <see cref="ClientTlsSettings.Unreadable"/> as the mode where the TLS settings are none of them.</param>
/// <param name="IsNamed">False: the object has no name that can be told, and the one it has here is made up.</param>
internal sealed record StandIn(DestinationRule Rule, bool IsNamed);
