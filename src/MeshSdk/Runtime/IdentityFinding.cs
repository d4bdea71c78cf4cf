using System.Diagnostics.CodeAnalysis;

namespace MeshSdk.Runtime;

/// <summary>Where the identity of this process comes from. Decided once, when a mesh is made.</summary>
/// <param name="Source">Null: nowhere.</param>
/// <param name="Reason">Why it is this one; what was looked for, where it is none.</param>
/// <param name="IsOwned">Whether the mesh has made it, and takes it down again. What the application has given remains its own.</param>
internal sealed record IdentityFinding(ICertificateSource? Source, string Reason, bool IsOwned = false)
{
    /// <summary>Whether there is an identity, or one to wait for.</summary>
    [MemberNotNullWhen(true, nameof(Source))]
    public bool HasSource => Source is not null;

    /// <summary>Takes the source down, where it is the mesh's own.</summary>
    public async ValueTask DisposeAsync()
    {
        switch (IsOwned ? Source : null)
        {
            case IAsyncDisposable source:
                await source.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable source:
                source.Dispose();
                break;
        }
    }
}
