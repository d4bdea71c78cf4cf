using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

/// <summary>How a write is to be done.</summary>
internal sealed record WriteOptions
{
    /// <summary>Whose fields they are henceforth.</summary>
    public string Manager { get; init; } = "unknown";

    /// <summary>The whole way, but nothing is stored.</summary>
    public bool IsDryRun { get; init; }

    public FieldValidation Validation { get; init; } = FieldValidation.Warn;

    /// <summary>Of a server-side apply: takes other managers' fields over.</summary>
    public bool Force { get; init; }

    /// <summary>Empty, <c>status</c> or <c>finalize</c>.</summary>
    public string Subresource { get; init; } = "";
}

/// <param name="IsCreated">Whether the object is new.</param>
/// <param name="Warnings">For the client, in sentences.</param>
internal sealed record WriteResult(StoredObject Object, bool IsCreated, IReadOnlyList<string> Warnings);

/// <summary>What a deletion asks for.</summary>
internal sealed record DeleteOptions
{
    /// <summary>Seconds; null: the kind's default.</summary>
    public long? GracePeriod { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public bool IsDryRun { get; init; }
}

/// <param name="Remaining">The object as it now is, where something keeps it from going at once.</param>
internal sealed record DeleteResult(StoredObject Deleted, StoredObject? Remaining);
