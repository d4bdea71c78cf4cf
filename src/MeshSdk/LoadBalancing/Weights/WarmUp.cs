using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Weights;

/// <summary>Slow start, as Envoy has it: the share of an endpoint that is new grows with the time since it was first ready here.</summary>
internal sealed class WarmUp
{
    private readonly TimeProvider _time;
    private readonly double _window;
    private readonly double _minimum;
    private readonly double _exponent;

    private WarmUp(SlowStartModel model, TimeProvider time)
    {
        _time = time;
        _window = Math.Floor(model.Window.TotalMilliseconds);
        _minimum = model.MinimumPercent / 100;
        _exponent = model.Aggression > 0 ? 1 / model.Aggression : 1;
    }

    /// <summary>Null where there is none.</summary>
    public static WarmUp? Of(SlowStartModel? model, TimeProvider time) => model?.Window >= TimeSpan.FromMilliseconds(1) ? new WarmUp(model, time) : null;

    public long Now() => _time.GetTimestamp();

    /// <summary>How much of its weight an endpoint has, above 0 and up to 1.</summary>
    public double Factor(EndpointState endpoint, long now) => Factor(_time.GetElapsedTime(endpoint.JoinedAt, now));

    public double Factor(TimeSpan age)
    {
        // Whole milliseconds, as Envoy counts.
        var share = Math.Max(1, Math.Floor(age.TotalMilliseconds)) / _window;
        return share >= 1 ? 1 : Math.Max(_exponent == 1 ? share : Math.Pow(share, _exponent), _minimum);
    }

    /// <summary>A picker that takes the place of another one while an endpoint is warming up.</summary>
    /// <returns>Null where none is.</returns>
    public EndpointPicker? While(HostGroup hosts, EndpointPicker steady, bool countsRequests, Random random)
    {
        var now = Now();
        var left = TimeSpan.FromMilliseconds(_window) - Array.ConvertAll(hosts.Endpoints, e => _time.GetElapsedTime(e.JoinedAt, now)).Min();
        if (left <= TimeSpan.Zero)
        {
            return null;
        }

        var until = now + (long)(left.TotalSeconds * _time.TimestampFrequency);
        return new Picker(this, until, new DeadlinePicker(hosts.Endpoints, new MovingWeights(hosts.Weights, countsRequests, this), random), steady);
    }

    private sealed class Picker(WarmUp ramp, long until, EndpointPicker warming, EndpointPicker steady) : EndpointPicker
    {
        private volatile bool _isOver;

        public override Rotation? Rotation => steady.Rotation;

        public override EndpointState Pick(ulong hash) => InForce().Pick(hash);

        public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => InForce().PickOther(hash, tried);

        // Nobody has to wake up for it, and who comes later reads no clock any more.
        private EndpointPicker InForce()
        {
            if (!_isOver && ramp.Now() >= until)
            {
                _isOver = true;
            }

            return _isOver ? steady : warming;
        }
    }
}
