namespace MeshSdk.Security.Revocation;

/// <summary>A list of revoked certificates cannot be read, or says something that is not understood, so that nobody can tell who is revoked.</summary>
internal sealed class RevocationListException(string message, Exception? inner = null) : FormatException(message, inner);
