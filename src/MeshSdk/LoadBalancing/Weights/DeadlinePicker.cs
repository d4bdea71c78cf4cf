using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Weights;

/// <summary>
/// Earliest deadline first, for weights that change from one pick to the next: each endpoint that is picked comes again after 1/weight. A queue cannot be
/// shared without a lock, and only clusters with unequal weights, or with endpoints that are warming up, have one.
/// </summary>
internal sealed class DeadlinePicker : EndpointPicker
{
    private readonly Lock _gate = new();
    private readonly EndpointState[] _endpoints;
    private readonly MovingWeights _weights;

    // A binary heap. Of equal deadlines the older one is first.
    private readonly (double Deadline, ulong Order, int Index)[] _heap;
    private double _time;
    private ulong _order;

    public DeadlinePicker(EndpointState[] endpoints, MovingWeights weights, Random random)
    {
        (_endpoints, _weights, _order) = (endpoints, weights, (ulong)endpoints.Length);
        _heap = new (double, ulong, int)[endpoints.Length];
        var now = weights.Now();
        for (var i = 0; i < endpoints.Length; i++)
        {
            // Somewhere in its first period. Were all at its end, the heaviest would come first after each change of the endpoints.
            _heap[i] = ((1 - random.NextDouble()) / weights.Of(i, endpoints[i], now), (ulong)i, i);
        }

        Array.Sort(_heap, static (a, b) => IsBefore(a, b) ? -1 : IsBefore(b, a) ? 1 : 0);
    }

    public override EndpointState Pick(ulong hash)
    {
        var now = _weights.Now();
        lock (_gate)
        {
            var (deadline, _, index) = _heap[0];
            var endpoint = _endpoints[index];
            _time = deadline;
            Sift((_time + (1 / _weights.Of(index, endpoint, now)), _order++, index));
            return endpoint;
        }
    }

    public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => PickFrom(_endpoints, hash, tried);

    // Puts an entry in the place of the first one.
    private void Sift((double Deadline, ulong Order, int Index) entry)
    {
        var at = 0;
        for (var child = 1; child < _heap.Length; child = (2 * at) + 1)
        {
            if (child + 1 < _heap.Length && IsBefore(_heap[child + 1], _heap[child]))
            {
                child++;
            }

            if (!IsBefore(_heap[child], entry))
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = entry;
    }

    private static bool IsBefore(in (double Deadline, ulong Order, int Index) a, in (double Deadline, ulong Order, int Index) b) =>
        a.Deadline < b.Deadline || (a.Deadline == b.Deadline && a.Order < b.Order);
}
