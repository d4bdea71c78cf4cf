using System.Net;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>An API server did not write or give what it was asked for.</summary>
internal sealed class StatusFault(HttpStatusCode code, string message) : Exception(message)
{
    public HttpStatusCode Code { get; } = code;
}
