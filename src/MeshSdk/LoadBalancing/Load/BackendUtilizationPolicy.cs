using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Load;

/// <summary>
/// Takes turns weighed by the load that endpoints report: who has more to spare gets more. As long as fewer than two weights are usable, by the weights that
/// the control plane states.
/// </summary>
internal sealed class BackendUtilizationPolicy(BackendUtilizationModel model, Random random, TimeProvider time, WarmUp? warmUp = null) : ILoadBalancingPolicy
{
    public EndpointPicker Over(HostGroup hosts, EndpointPicker? previous)
    {
        var rotation = previous?.Rotation ?? new Rotation(random);
        return hosts.Endpoints.Length == 1
            ? new OnlyPicker(hosts.Endpoints[0], rotation)
            : new Picker(hosts.Endpoints, new LoadWeights(hosts, warmUp), rotation, time, model.UpdatePeriod);
    }

    private sealed class Picker : EndpointPicker
    {
        private readonly EndpointState[] _endpoints;
        private readonly LoadWeights _weights;
        private readonly Rotation _rotation;
        private readonly TimeProvider _time;
        private readonly long _period;
        private volatile StrideSchedule _schedule;
        private long _due;

        public Picker(EndpointState[] endpoints, LoadWeights weights, Rotation rotation, TimeProvider time, TimeSpan period)
        {
            (_endpoints, _weights, _rotation, _time) = (endpoints, weights, rotation, time);
            _period = (long)(period.TotalSeconds * time.TimestampFrequency);
            var now = time.GetTimestamp();
            _schedule = weights.ScheduleAt(now);
            _due = now + _period;
        }

        public override Rotation Rotation => _rotation;

        public override EndpointState Pick(ulong hash)
        {
            var now = _time.GetTimestamp();
            if (now >= Volatile.Read(ref _due))
            {
                Update(now);
            }

            return _endpoints[_schedule.Next(_rotation)];
        }

        public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => PickFrom(_endpoints, hash, tried);

        // Who comes first does it, and others go on with what there is. No timer wakes a process up for a cluster that nobody calls.
        private void Update(long now)
        {
            var due = Volatile.Read(ref _due);
            if (now >= due && Interlocked.CompareExchange(ref _due, now + _period, due) == due)
            {
                _schedule = _weights.ScheduleAt(now);
            }
        }
    }
}
