using MeshSdk.Compilation.Localities;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>What holds for the whole mesh where no policy of a service says otherwise.</summary>
internal sealed record MeshDefaults
{
    public static MeshDefaults None { get; } = new();

    public TimeSpan ConnectTimeout { get; init; } = ClusterModel.DefaultConnectTimeout;

    /// <summary>Null: as the operating system has it.</summary>
    public TcpKeepalive? Keepalive { get; init; }

    /// <summary>Whether ports that declare HTTP are spoken to in HTTP/2.</summary>
    public bool UpgradesToHttp2 { get; init; }

    /// <summary>For a service whose own policy has no such block.</summary>
    public PolicyBlock ConnectionPool { get; init; }

    /// <summary>For a service whose own policy has no such block.</summary>
    public PolicyBlock OutlierDetection { get; init; }

    /// <summary>How calls are spread over localities where neither a destination rule nor the Service says it.</summary>
    public LocalitySettings Locality { get; init; } = LocalitySettings.Default;
}
