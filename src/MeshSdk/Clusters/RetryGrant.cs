namespace MeshSdk.Clusters;

/// <summary>What a cluster says to one retry more.</summary>
internal enum RetryGrant
{
    Granted,

    /// <summary>The budget of the cluster is used up, which is answered for by the mesh.</summary>
    OverBudget,

    /// <summary>As many retries are under way as may be; the caller gets what there is.</summary>
    OverLimit,
}
