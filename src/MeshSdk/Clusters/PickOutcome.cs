namespace MeshSdk.Clusters;

/// <summary>What came of asking a cluster for an endpoint.</summary>
internal enum PickOutcome
{
    Picked,

    /// <summary>There is none that can be used.</summary>
    NoEndpoint,

    /// <summary>As many requests are under way as may be. Nothing is leased.</summary>
    Overflow,
}
