namespace MeshSdk.Conformance.Echo;

/// <summary>Which pod a server says that it is.</summary>
internal sealed record EchoIdentity(string Pod, string Namespace, string Version);
