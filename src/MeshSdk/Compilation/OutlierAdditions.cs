using MeshSdk.Model;

namespace MeshSdk.Compilation;

/// <summary>What a mesh adds to the outlier detection that its objects state, since no object can state it.</summary>
/// <param name="AlwaysEjectsOne">Whether one endpoint may be ejected whatever the percentage says.</param>
/// <param name="SuccessRate">Null: endpoints are not compared by it.</param>
/// <param name="FailurePercentage">Null: endpoints are not compared by it.</param>
internal sealed record OutlierAdditions(bool AlwaysEjectsOne, SuccessRateModel? SuccessRate, FailurePercentageModel? FailurePercentage)
{
    public static OutlierAdditions None { get; } = new(false, null, null);

    /// <summary>The two together; null where nothing is stated, for whoever states none wants none.</summary>
    public OutlierDetectionModel? To(OutlierDetectionModel? stated) => stated is null ? null : stated with
    {
        AlwaysEjectsOne = stated.AlwaysEjectsOne || AlwaysEjectsOne,
        SuccessRate = SuccessRate ?? stated.SuccessRate,
        FailurePercentage = FailurePercentage ?? stated.FailurePercentage,
    };
}
