using System.Diagnostics;

namespace MeshSdk.Http;

/// <summary>
/// The names of the headers that carry a trace, as an array: to go through the propagator's own collection allocates, and this is done for every
/// request.
/// </summary>
internal sealed class TraceFields
{
    private static volatile TraceFields? _cached;

    private readonly DistributedContextPropagator _propagator;
    private readonly string[] _names;

    private TraceFields(DistributedContextPropagator propagator)
    {
        _propagator = propagator;
        _names = [.. propagator.Fields];
    }

    public static ReadOnlySpan<string> Current
    {
        get
        {
            var propagator = DistributedContextPropagator.Current;
            if (_cached is not { } cached || !ReferenceEquals(cached._propagator, propagator))
            {
                _cached = cached = new TraceFields(propagator);
            }

            return cached._names;
        }
    }
}
