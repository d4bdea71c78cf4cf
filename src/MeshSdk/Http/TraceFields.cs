using System.Diagnostics;

namespace MeshSdk.Http;

/// <summary>
/// The names of the headers that carry a trace, as an array: to go through the propagator's own collection allocates, and this is done for every
/// request.
/// </summary>
internal sealed class TraceFields
{
    private static volatile TraceFields? _cached;

    private readonly string[] _names;

    public TraceFields(DistributedContextPropagator propagator)
    {
        Propagator = propagator;
        _names = [.. propagator.Fields];
    }

    public DistributedContextPropagator Propagator { get; }

    public ReadOnlySpan<string> Names => _names;

    /// <summary>Those of the process's propagator, which may change.</summary>
    public static TraceFields Current
    {
        get
        {
            var propagator = DistributedContextPropagator.Current;
            if (_cached is not { } cached || !ReferenceEquals(cached.Propagator, propagator))
            {
                _cached = cached = new TraceFields(propagator);
            }

            return cached;
        }
    }
}
