namespace MeshSdk.Tool.Policies;

/// <summary>What stands behind a value that nobody needs to have stated.</summary>
internal readonly struct DefaultMarks(EffectivePolicy policy)
{
    private readonly EffectivePolicy _policy = policy;

    public string Of(string path) => _policy.IsDefault(path) ? " (default)" : "";
}
