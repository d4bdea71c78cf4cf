using MeshSdk.Model;

namespace MeshSdk.Compilation.Filters;

/// <summary>
/// The filters of the application's own that routes refer to: one for each route and object, whatever is compiled again. Not thread-safe, as the
/// compiler is not.
/// </summary>
/// <param name="factories">Who makes them, by API group and kind.</param>
/// <param name="disposalFailed">Hears what the disposal of one throws.</param>
internal sealed class ExtensionFilters(
    IReadOnlyDictionary<(string Group, string Kind), Func<MeshFilterReference, IMeshFilter>> factories, Action<Exception>? disposalFailed = null) : IAsyncDisposable
{
    private readonly Dictionary<(RouteId Route, MeshFilterReference Reference), SharedFilter> _filters = [];
    private readonly Dictionary<ServiceId, HashSet<SharedFilter>> _uses = [];

    /// <summary>None: every reference to a filter leads nowhere.</summary>
    public static ExtensionFilters None { get; } = new(new Dictionary<(string, string), Func<MeshFilterReference, IMeshFilter>>());

    public bool Knows(MeshFilterReference reference) => factories.ContainsKey((reference.Group, reference.Kind));

    /// <summary>The route's filter, made now where there is none yet.</summary>
    /// <exception cref="Exception">The application threw while making it.</exception>
    public SharedFilter Get(RouteId route, MeshFilterReference reference)
    {
        if (!_filters.TryGetValue((route, reference), out var filter))
        {
            var made = factories[(reference.Group, reference.Kind)](reference)
                ?? throw new InvalidOperationException("the factory returned null");
            _filters.Add((route, reference), filter = new SharedFilter(made, disposalFailed));
        }

        return filter;
    }

    /// <summary>
    /// Lets go of the filters that no rule names any more. To be called when a snapshot is in force: what it does not name gets no new calls.
    /// </summary>
    public void Sweep(MeshSnapshot inForce, IEnumerable<ServiceId> changed)
    {
        if (_filters.Count == 0)
        {
            return;
        }

        foreach (var id in changed)
        {
            HashSet<SharedFilter> used = inForce.Services.TryGetValue(id, out var service) ? [.. UsedBy(service)] : [];
            if (used.Count > 0)
            {
                _uses[id] = used;
            }
            else
            {
                _uses.Remove(id);
            }
        }

        var named = _uses.Values.SelectMany(static used => used).ToHashSet();
        foreach (var (key, filter) in _filters)
        {
            if (!named.Contains(filter))
            {
                _filters.Remove(key);
                _ = filter.RetireAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll([.. _filters.Values.Select(static filter => filter.RetireAsync())]).ConfigureAwait(false);
        _filters.Clear();
    }

    private static IEnumerable<SharedFilter> UsedBy(ServiceModel service) =>
        from frontend in service.Frontends
        from rule in frontend.Routes.Rules.Concat(frontend.Grpc?.Routes.Rules ?? [])
        from filter in rule.Filters.Concat(rule.Backends.Backends.SelectMany(static backend => backend.Filters)).OfType<ExtensionFilter>()
        select filter.Filter;
}
