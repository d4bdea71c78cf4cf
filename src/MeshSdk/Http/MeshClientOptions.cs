namespace MeshSdk;

/// <summary>How one client takes part in the mesh.</summary>
public sealed class MeshClientOptions
{
    /// <summary>Whether the client's calls are routed by the mesh at all. <c>AddMeshRouting()</c> sets it; default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// Notes on every request what the mesh did with it, for <see cref="MeshHttpResponseMessageExtensions.GetMeshCall"/>. Costs some hundred bytes a
    /// request. Default false.
    /// </summary>
    public bool RecordCalls { get; set; }

    /// <summary>
    /// Whether redirects are followed; null takes what the client's own primary handler says. They are followed by the mesh, hop by hop through the
    /// routes, and never out of the mesh or from TLS to plaintext.
    /// </summary>
    public bool? AllowAutoRedirect { get; set; }
}
