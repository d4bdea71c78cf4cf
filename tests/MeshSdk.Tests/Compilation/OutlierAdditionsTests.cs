using MeshSdk.Compilation;
using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation;

public sealed class OutlierAdditionsTests
{
    private static readonly OutlierAdditions All = new(true, new SuccessRateModel(500), new FailurePercentageModel(40));

    [Fact]
    public void They_are_added_to_what_is_stated_and_to_nothing_else()
    {
        var stated = new OutlierDetectionModel { Consecutive5xx = 7, MaxEjectionPercent = 34 };
        Assert.Equal(stated with { AlwaysEjectsOne = true, SuccessRate = All.SuccessRate, FailurePercentage = All.FailurePercentage }, All.To(stated));
        Assert.Null(All.To(null));
        Assert.Equal(stated, OutlierAdditions.None.To(stated));
    }

    [Fact]
    public void What_is_stated_is_not_taken_away()
    {
        var stated = new OutlierDetectionModel { AlwaysEjectsOne = true, SuccessRate = new SuccessRateModel(100) };
        Assert.Equal(stated, OutlierAdditions.None.To(stated));
    }
}
