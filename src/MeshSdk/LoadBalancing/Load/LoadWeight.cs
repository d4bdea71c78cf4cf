namespace MeshSdk.LoadBalancing.Load;

/// <summary>What is known of an endpoint's weight.</summary>
internal enum LoadStanding
{
    /// <summary>It has not reported, or not for long enough to be believed.</summary>
    Pending,

    /// <summary>It has not reported for so long that what it said last counts no more.</summary>
    Stale,

    /// <summary>The weight counts.</summary>
    Usable,
}

/// <param name="Value">0 unless it is usable.</param>
/// <param name="Standing">Whether it is.</param>
internal readonly record struct LoadWeight(double Value, LoadStanding Standing);
