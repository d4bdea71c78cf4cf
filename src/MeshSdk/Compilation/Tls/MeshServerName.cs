using System.Globalization;

namespace MeshSdk.Compilation.Tls;

/// <summary>What a client of the mesh sends as SNI, by which gateways between networks find the way. Made when it is needed, which mostly it is not.</summary>
/// <param name="Host">The fully qualified name of the service.</param>
/// <param name="Port">Its port, not that of the endpoint.</param>
internal readonly record struct MeshServerName(string Host, int Port)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"outbound_.{Port}_._.{Host}");
}
