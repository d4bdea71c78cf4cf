namespace MeshSdk;

/// <summary>Who writes route status, and how its replicas agree on one of them.</summary>
public sealed class MeshRouteStatusOptions
{
    /// <summary>
    /// The name under which entries are written, a domain and a path as in <c>mesh.example.com/route-status</c>; entries of all other names are left alone. Of one's own:
    /// two programs that write under one name would overwrite each other's.
    /// </summary>
    public string ControllerName { get; set; } = "";

    /// <summary>The namespace of the Lease. Default: the caller's (<see cref="MeshOptions.Namespace"/>).</summary>
    public string? LeaseNamespace { get; set; }

    /// <summary>The name of the Lease by which one of the replicas is elected. Default <c>mesh-route-status</c>.</summary>
    public string LeaseName { get; set; } = "mesh-route-status";

    /// <summary>What this process is called in the Lease; no two may be the same. Default: the machine's name and something random.</summary>
    public string? Identity { get; set; }

    /// <summary>After how long without renewal another process may take the Lease over. At least 3 seconds, whole ones. Default 15 seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many objects may be written in a second. Default 10.</summary>
    public int WritesPerSecond { get; set; } = 10;
}
