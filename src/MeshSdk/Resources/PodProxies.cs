using System.Text.Json.Serialization;
using MeshSdk.Resources.Json;

namespace MeshSdk.Resources;

/// <summary>Which containers of a pod belong to a mesh. Of all that a pod says of its containers this is what is kept, since there are thousands of pods.</summary>
[Flags]
[JsonConverter(typeof(PodProxiesConverter))]
internal enum PodProxies
{
    None = 0,

    /// <summary>Istio's sidecar.</summary>
    Istio = 1,

    /// <summary>Istio's agent without its proxy: it gets certificates and configuration for the application, and takes no traffic.</summary>
    IstioAgent = 2,

    /// <summary>Linkerd's sidecar.</summary>
    Linkerd = 4,
}
