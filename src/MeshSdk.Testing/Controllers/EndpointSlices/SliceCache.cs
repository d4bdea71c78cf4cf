using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>
/// The stored slices by Service. Own writes are in it at once, not only when the watch tells of them: otherwise the next plan would start from
/// what it has already changed. What the watch tells later of such a slice is older, and is passed over.
/// </summary>
internal sealed class SliceCache
{
    private readonly Dictionary<(string Namespace, string Name), SliceView> _slices = [];
    private readonly Dictionary<ServiceKey, Dictionary<string, SliceView>> _byService = [];
    private readonly HashSet<(string Namespace, string Name)> _deleted = [];

    public IReadOnlyCollection<SliceView> Of(ServiceKey service) =>
        _byService.TryGetValue(service, out var slices) ? slices.Values : [];

    /// <summary>Takes over what the watch tells.</summary>
    /// <returns>The Services that have other slices now.</returns>
    public IEnumerable<ServiceKey> Apply(ApiChange change)
    {
        var key = (change.Content.Namespace(), change.Content.Name());
        if (change.Type == "DELETED")
        {
            return _deleted.Remove(key) || Known(key)?.Content.Version() > change.Content.Version() ? [] : Replace(key, null);
        }

        return _deleted.Contains(key) || Known(key)?.Content.Version() >= change.Content.Version() ? [] : Replace(key, SliceView.From(change.Content));
    }

    /// <summary>An own write, as the server has stored it.</summary>
    public void Put(JsonObject stored) => Replace((stored.Namespace(), stored.Name()), SliceView.From(stored));

    /// <summary>An own deletion: what is still on its way of the slice is of the time before, up to the event that says that it is gone.</summary>
    public void Delete(string ns, string name)
    {
        if (Known((ns, name)) is not null)
        {
            Replace((ns, name), null);
            _deleted.Add((ns, name));
        }
    }

    private SliceView? Known((string, string) key) => _slices.GetValueOrDefault(key);

    private HashSet<ServiceKey> Replace((string Namespace, string Name) key, SliceView? slice)
    {
        var services = new HashSet<ServiceKey>();
        if (_slices.Remove(key, out var old) && old.ServiceName is { } former)
        {
            var service = new ServiceKey(key.Namespace, former);
            services.Add(service);
            if (_byService.TryGetValue(service, out var slices) && slices.Remove(key.Name) && slices.Count == 0)
            {
                _byService.Remove(service);
            }
        }

        if (slice is not null)
        {
            _slices.Add(key, slice);
            if (slice.ServiceName is { } name)
            {
                var service = new ServiceKey(key.Namespace, name);
                services.Add(service);
                if (!_byService.TryGetValue(service, out var slices))
                {
                    _byService.Add(service, slices = []);
                }

                slices[key.Name] = slice;
            }
        }

        return services;
    }
}

internal readonly record struct ServiceKey(string Namespace, string Name);
