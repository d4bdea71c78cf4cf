using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;

namespace MeshSdk.Tests.Resilience.Outliers;

public sealed class EjectionLimitTests
{
    [Theory]
    [InlineData(9, 10, 0)] // Istio's default, and too few endpoints for it
    [InlineData(10, 10, 1)]
    [InlineData(19, 10, 1)]
    [InlineData(20, 10, 2)]
    [InlineData(3, 33, 0)] // 33.33 % in floating point
    [InlineData(3, 34, 1)]
    [InlineData(3, 66, 1)]
    [InlineData(3, 67, 2)]
    [InlineData(2, 50, 1)]
    [InlineData(1, 99, 0)]
    [InlineData(1, 100, 1)]
    [InlineData(7, 100, 7)]
    [InlineData(1000, 10, 100)]
    [InlineData(5, 0, 0)]
    [InlineData(0, 100, 0)]
    public void So_many_of_so_many_may_be_ejected_under_so_many_percent(int total, int percent, int expected) =>
        Assert.Equal(expected, MostOf(new OutlierDetectionModel { MaxEjectionPercent = percent }, total));

    [Theory]
    [InlineData(3, 10, 1)]
    [InlineData(3, 0, 1)]
    [InlineData(3, 67, 2)]
    public void One_may_be_in_any_case_where_that_is_asked_for(int total, int percent, int expected) =>
        Assert.Equal(expected, MostOf(new OutlierDetectionModel { MaxEjectionPercent = percent, AlwaysEjectsOne = true }, total));

    private static int MostOf(OutlierDetectionModel model, int total)
    {
        var ejected = 0;
        while (ejected < total && EjectionLimit.Allows(model, ejected, total))
        {
            ejected++;
        }

        return ejected;
    }
}
