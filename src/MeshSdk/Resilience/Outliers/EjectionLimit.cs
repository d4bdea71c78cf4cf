using MeshSdk.Model;

namespace MeshSdk.Resilience.Outliers;

/// <summary>How many endpoints may be ejected at once.</summary>
internal static class EjectionLimit
{
    /// <summary>
    /// Whether one more may be, which is counted in before it is compared: one of three endpoints needs 34 %, and one of nine is never ejected under the
    /// usual 10 %.
    /// </summary>
    /// <param name="model">What the policy says.</param>
    /// <param name="ejected">How many are ejected.</param>
    /// <param name="total">Of all endpoints, those that are not ready included.</param>
    public static bool Allows(OutlierDetectionModel model, int ejected, int total) =>
        (model.AlwaysEjectsOne && ejected == 0) || (total > 0 && 100.0 * (ejected + 1) / total <= model.MaxEjectionPercent);
}
