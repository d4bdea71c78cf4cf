namespace MeshSdk;

/// <summary>What a call meets while the mesh has not yet received its configuration.</summary>
public sealed class MeshStartupOptions
{
    /// <summary>How long calls wait for the first complete configuration. Zero does not wait. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What they meet when that time is over. Default <see cref="MeshStartupFallback.Fail"/>.</summary>
    public MeshStartupFallback Fallback { get; set; } = MeshStartupFallback.Fail;
}

/// <summary>What calls meet when the configuration has not arrived within <see cref="MeshStartupOptions.Timeout"/>.</summary>
public enum MeshStartupFallback
{
    /// <summary>An <see cref="HttpRequestException"/> that says what is missing.</summary>
    Fail,

    /// <summary>
    /// The call goes where DNS says, without routes, policies and mesh TLS, until the configuration arrives. A deliberate choice:
    /// what a policy would have encrypted goes out as the URI says.
    /// </summary>
    PlainDns,
}
