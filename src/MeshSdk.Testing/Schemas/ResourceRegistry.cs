using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>The kinds that the server serves: its own, and those that CustomResourceDefinitions add while it runs. Thread-safe.</summary>
internal sealed class ResourceRegistry
{
    private readonly Lock _lock = new();
    private volatile Content _content = Content.Of(1, BuiltInKinds.All);

    /// <summary>Every kind in every served version, groups together, the version that clients take first before the others of its group.</summary>
    public ImmutableArray<ResourceType> All => _content.Kinds;

    /// <summary>Grows with every change; what is derived from the registry (discovery, OpenAPI) may be kept for as long as it stays.</summary>
    public long Revision => _content.Revision;

    public bool TryFind(string group, string version, string plural, [NotNullWhen(true)] out ResourceType? type) =>
        _content.Index.TryGetValue((group, version, plural), out type);

    /// <summary>Takes a CustomResourceDefinition over, in place of what the server knew of the kind.</summary>
    /// <exception cref="ApiException">It cannot be used; nothing has changed.</exception>
    public void Add(JsonObject definition)
    {
        var kinds = CustomDefinition.Read(definition, BuiltInKinds.Metadata);
        var name = definition["metadata"]!["name"]!.GetValue<string>();
        lock (_lock)
        {
            if (_content.Kinds.FirstOrDefault(type => !type.IsCustom && type.QualifiedPlural == name) is { } own)
            {
                throw new ApiException(409, "Conflict", $"{own.QualifiedPlural} is the server's own kind and no CustomResourceDefinition's");
            }

            _content = Content.Of(_content.Revision + 1, [.. Others(name), .. kinds]);
        }
    }

    /// <summary>
    /// Removes the kind that a CustomResourceDefinition of this name (<c>plural.group</c>) stands for. One that the server brought itself goes, too, as
    /// from a cluster whose definition is deleted: what a client does without it can be tried.
    /// </summary>
    public void Remove(string name)
    {
        lock (_lock)
        {
            var rest = Others(name);
            if (rest.Length != _content.Kinds.Length)
            {
                _content = Content.Of(_content.Revision + 1, rest);
            }
        }
    }

    private ImmutableArray<ResourceType> Others(string name) =>
        _content.Kinds.RemoveAll(type => type.IsCustom && type.QualifiedPlural == name);

    /// <summary>What one revision serves.</summary>
    private sealed record Content(
        long Revision, ImmutableArray<ResourceType> Kinds, Dictionary<(string Group, string Version, string Plural), ResourceType> Index)
    {
        public static Content Of(long revision, ImmutableArray<ResourceType> kinds)
        {
            ImmutableArray<ResourceType> sorted =
                [.. kinds.GroupBy(type => type.Group).SelectMany(group => group.OrderBy(type => type.Version, VersionPriority.Instance))];
            return new Content(revision, sorted, sorted.ToDictionary(type => (type.Group, type.Version, type.Plural)));
        }
    }
}
