namespace MeshSdk.Compilation.Localities;

/// <summary>Why a part of a locality setting does not count for some endpoints.</summary>
/// <param name="Field">From the setting on.</param>
/// <param name="Message">What is wrong with it, and what helps.</param>
internal sealed record LocalityDoubt(string Field, string Message)
{
    /// <summary>Something that is compared by region, while the slices tell no more than zones.</summary>
    /// <param name="field">From the setting on.</param>
    /// <param name="whose">Whose regions they are.</param>
    public static LocalityDoubt OfRegions(string field, string whose) => new(
        field,
        $"it needs {whose}, not all of which are known, so that it does not count; they are labels of Nodes: let those be read, as in samples/k8s/rbac-nodes.yaml, "
        + "or put them beside the other manifests (while a process starts they may only not have come yet)");
}
