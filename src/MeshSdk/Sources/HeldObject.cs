using MeshSdk.Resources;
using MeshSdk.Resources.Json;

namespace MeshSdk.Sources;

/// <summary>An object with what tells whether it changed.</summary>
internal sealed record HeldObject(Resource Resource, UInt128 Fingerprint)
{
    /// <summary>It is in force in the place of an object that cannot be read, and is no good version of it.</summary>
    public bool IsStandIn { get; init; }

    public ResourceKey Key => Resource.Key;

    public static HeldObject Of(Resource resource) => new(resource, ResourceFingerprint.Of(resource));

    /// <summary>Same content in the same place. An object that only moved counts as changed, or diagnostics would point to where it was.</summary>
    public bool IsSameAs(HeldObject other) => Fingerprint == other.Fingerprint && Resource.Origin == other.Resource.Origin;
}
