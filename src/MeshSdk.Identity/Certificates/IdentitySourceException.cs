namespace MeshSdk.Identity.Certificates;

/// <summary>No identity, or none newer, can be had from a source. The message says by itself what was tried, what it met and what helps; it holds no secret.</summary>
internal class IdentitySourceException(string message, Exception? inner = null) : Exception(message, inner);
