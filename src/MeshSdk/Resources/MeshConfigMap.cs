namespace MeshSdk.Resources;

/// <summary>The ConfigMap that says what holds for the whole mesh. Of all ConfigMaps only the one of this name is read, and of it one key.</summary>
internal sealed record MeshConfigMap : Resource
{
    public const string KindName = "ConfigMap";

    /// <summary>As Istio's control plane without a revision names it.</summary>
    public const string WellKnownName = "istio";

    public override string Group => "";
    public override string Kind => KindName;

    public MeshConfigData Data { get; init => field = value ?? new(); } = new();

    /// <summary>Whether a ConfigMap of a namespace is this one, by its name.</summary>
    public static bool IsMeant(string? name) => name == WellKnownName;
}

internal sealed record MeshConfigData
{
    /// <summary>YAML.</summary>
    public string? Mesh { get; init; }
}
