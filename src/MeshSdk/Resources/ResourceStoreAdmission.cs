namespace MeshSdk.Resources;

/// <summary>
/// Tells objects that say something meaningless, which an API server would have refused, from those that merely have a rule that cannot be
/// served. The store keeps the last good version of the former.
/// </summary>
internal static class ResourceStoreAdmission
{
    public const int MaximumWeight = 1_000_000;

    public static bool IsWeight(int? weight) => weight is null or (>= 0 and <= MaximumWeight);

    public static bool IsSound(RouteResource route)
    {
        foreach (var rule in route.WrittenRules)
        {
            foreach (var backend in (rule?.BackendRefs).OrEmpty())
            {
                if (!IsWeight(backend?.Weight))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
