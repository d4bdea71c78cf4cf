using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>The kinds that the server serves: its own, and those that CustomResourceDefinitions add while it runs. Thread-safe.</summary>
internal sealed class ResourceRegistry
{
    /// <summary>Every kind in every served version; the storage's preferred version of a group comes first.</summary>
    public ImmutableArray<ResourceType> All => throw new NotImplementedException();

    /// <summary>Grows with every change; what is derived from the registry (discovery, OpenAPI) may be kept for as long as it stays.</summary>
    public long Revision => throw new NotImplementedException();

    public bool TryFind(string group, string version, string plural, [NotNullWhen(true)] out ResourceType? type) => throw new NotImplementedException();

    /// <summary>Takes a CustomResourceDefinition over, in place of what the server knew of the kind.</summary>
    /// <exception cref="ApiException">It cannot be used; nothing has changed.</exception>
    public void Add(JsonObject definition) => throw new NotImplementedException();

    /// <summary>Removes what a CustomResourceDefinition of this name (<c>plural.group</c>) has added.</summary>
    public void Remove(string name) => throw new NotImplementedException();
}
