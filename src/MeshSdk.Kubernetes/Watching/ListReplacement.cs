using MeshSdk.Kubernetes.Wire;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>A list in the making, page by page or event by event. Nothing of it counts before it is complete, and one that breaks off is dropped.</summary>
internal sealed class ListReplacement(ToldSet set, ObjectDecoder decoder)
{
    private readonly Dictionary<ResourceKey, DecodedObject> _changed = [];
    private readonly HashSet<ResourceKey> _seen = [];

    /// <summary>The objects that are there.</summary>
    public IReadOnlySet<ResourceKey> Seen => _seen;

    /// <summary>Of those, the ones that were not told of yet in this version.</summary>
    public IReadOnlyCollection<DecodedObject> Changed => _changed.Values;

    /// <summary>There is an object whose name cannot be read: what is missing in the list is not known to be gone.</summary>
    public bool HasUnidentified { get; private set; }

    public void Add(ReadOnlySpan<byte> json)
    {
        // After a gap most objects are as they were, which their first few fields tell.
        if (set.Count > 0 && ObjectHead.Read(json) is { Name.Length: > 0 } head && set.IsTold(decoder.KeyOf(head), head.ResourceVersion))
        {
            _seen.Add(decoder.KeyOf(head));
            _changed.Remove(decoder.KeyOf(head));
            return;
        }

        var found = decoder.Decode(json);
        HasUnidentified |= found.Key is null;
        var key = found.Key ?? new ResourceKey("", "", "");
        _seen.Add(key);
        _changed[key] = found;
    }

    /// <summary>An object that went away while the list was being sent.</summary>
    public void Remove(ReadOnlySpan<byte> json)
    {
        var key = decoder.KeyOf(ObjectHead.Read(json));
        _seen.Remove(key);
        _changed.Remove(key);
    }
}
