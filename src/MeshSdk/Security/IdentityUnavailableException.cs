using System.Security.Authentication;

namespace MeshSdk.Security;

/// <summary>A connection needs an identity that this process does not have, or not yet. No endpoint is to blame.</summary>
internal sealed class IdentityUnavailableException(string message, Exception? inner = null) : AuthenticationException(message, inner);
