namespace MeshSdk.Resources;

/// <summary>An object as the API server holds it, with the fields that the mesh reads and no others.</summary>
internal abstract record Resource
{
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The API group, empty for the core one.</summary>
    public abstract string Group { get; }

    public abstract string Kind { get; }

    /// <summary>Where a file said it; null for objects that came from elsewhere.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public ResourceOrigin? Origin { get; init; }

    public ResourceKey Key => new(Kind, Metadata.Namespace, Metadata.Name);

    public sealed override string ToString() => Key.ToString();
}

/// <summary>Identifies an object. The kinds that the mesh reads have names that are unique over their API groups.</summary>
internal readonly record struct ResourceKey(string Kind, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}

/// <summary>The place in a file that an object was read from. <paramref name="Line"/> and <paramref name="Document"/> count from one.</summary>
internal sealed record ResourceOrigin(string File, int Document, int Line);
