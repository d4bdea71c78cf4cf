using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>Whether an endpoint may be talked to, by what policies say of its TLS.</summary>
internal static class EndpointSecurity
{
    public static bool IsSecured(EndpointState endpoint) => endpoint.Model.Tls != TlsMode.None;

    /// <summary>It wants TLS, for which there is no identity. It must not be talked to at all then, least of all in plaintext.</summary>
    public static bool LacksIdentity(EndpointState endpoint, MeshSecurity security) => IsSecured(endpoint) && security == MeshSecurity.On;
}
