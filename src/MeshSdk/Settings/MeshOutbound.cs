namespace MeshSdk;

/// <summary>What a call to a name of the cluster meets that no service has. Names outside the cluster pass through in any case.</summary>
public enum MeshOutbound
{
    /// <summary>It passes through: DNS decides.</summary>
    AllowAny,

    /// <summary>It is answered 502 with the flag <c>NR</c>, so that a mistyped or deleted service is not called past its policies.</summary>
    RegistryOnly,
}
