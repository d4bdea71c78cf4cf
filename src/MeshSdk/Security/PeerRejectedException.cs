using System.Security.Authentication;

namespace MeshSdk.Security;

/// <summary>A peer failed a check of who it is, or does not do what its policy says that it does.</summary>
internal sealed class PeerRejectedException(string message, Exception? inner = null) : AuthenticationException(message, inner);
