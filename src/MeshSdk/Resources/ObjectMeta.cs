using System.Collections.Immutable;

namespace MeshSdk.Resources;

internal sealed record ObjectMeta
{
    private readonly PackedUid _uid;

    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Readers fill in <c>default</c> where an object states none.</summary>
    public string Namespace { get; init => field = SharedText.Of(value) ?? ""; } = "";

    public string? Uid
    {
        get => _uid.Text;
        init => _uid = new(value);
    }

    public string? ResourceVersion { get; init; }

    /// <summary>Grows with every change of what is wanted; null where nobody counts, as in files.</summary>
    public long? Generation { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    public Dictionary<string, string>? Labels { get; init; }

    public Dictionary<string, string>? Annotations { get; init; }

    public ImmutableArray<OwnerReference>? OwnerReferences { get; init; }
}

internal sealed record OwnerReference
{
    public string? Kind { get; init => field = SharedText.Of(value); }

    public string? Name { get; init => field = SharedText.Of(value); }

    public bool? Controller { get; init; }
}
