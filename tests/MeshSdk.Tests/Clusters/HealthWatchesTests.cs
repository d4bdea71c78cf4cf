using MeshSdk.Clusters;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Clusters;

/// <summary>Which endpoints are asked for their health, and from when to when.</summary>
public sealed class HealthWatchesTests
{
    private static readonly Uri Called = new("http://backend/");

    private readonly Source _source = new();
    private readonly HealthWatches _watches;

    public HealthWatchesTests() => _watches = new HealthWatches(_source);

    [Fact]
    public void Nobody_is_asked_before_the_first_call_and_then_the_newest_are()
    {
        var (old, now) = (State(1), State(2));
        _watches.Follow([now]);
        Assert.Equal("", _source.Watched);
        Assert.False(_watches.IsBegun);

        // The call has read what was in force a moment ago.
        _watches.Begin(Called, [old], Changed);
        Assert.True(_watches.IsBegun);
        Assert.Equal("+2", _source.Log);
        Assert.Equal((Called, Changed), _source.Told);

        _watches.Begin(Called, [old], Changed);
        Assert.Equal("+2", _source.Log);
    }

    [Fact]
    public void The_first_call_begins_with_what_it_has_seen_where_nothing_newer_is_known()
    {
        _watches.Begin(Called, [State(1)], Changed);
        Assert.Equal("1", _source.Watched);
    }

    [Fact]
    public void Only_those_are_asked_that_may_be_connected_to_and_are_called_ready()
    {
        _watches.Begin(
            Called,
            [
                State(1), State(2, EndpointHealth.Unready), State(3, EndpointHealth.Terminating), State(4, excluded: true),
                State(5, plan: ConnectionPlan.Default with { Refusal = "nobody knows who it is" }),
            ],
            Changed);
        Assert.Equal("1", _source.Watched);
    }

    [Fact]
    public void Those_that_stay_are_asked_on_those_that_leave_no_longer_and_those_that_come_from_then_on()
    {
        EndpointState one = State(1), two = State(2), three = State(3);
        _watches.Begin(Called, [one, two], Changed);
        _watches.Follow([two, three]);
        Assert.Equal("+1 +2 -1 +3", _source.Log);

        // The same state, of which the control plane says something else now.
        three.Model = three.Model with { Health = EndpointHealth.Terminating };
        _watches.Follow([two, three]);
        Assert.Equal("+1 +2 -1 +3 -3", _source.Log);
        three.Model = three.Model with { Health = EndpointHealth.Ready };
        _watches.Follow([two, three]);
        Assert.Equal("2 3", _source.Watched);
    }

    [Fact]
    public void One_whose_connections_are_made_in_another_way_is_asked_over_those()
    {
        var before = State(1);
        _watches.Begin(Called, [before], Changed);
        _watches.Follow([before.Successor(before.Model, ConnectionPlan.Default with { TlsLifetime = TimeSpan.FromMinutes(1) })]);
        Assert.Equal("+1 -1 +1", _source.Log);
    }

    [Fact]
    public void A_cluster_that_leaves_asks_nobody_until_it_is_back_and_called()
    {
        _watches.Begin(Called, [State(1), State(2)], Changed);
        _watches.End();
        Assert.Equal("", _source.Watched);
        Assert.False(_watches.IsBegun);

        // A call that had seen it before it left.
        _watches.Begin(Called, [State(1)], Changed);
        Assert.Equal("", _source.Watched);
        _watches.End();

        var back = State(3);
        _watches.Follow([back]);
        Assert.Equal("", _source.Watched);
        _watches.Begin(Called, [back], Changed);
        Assert.Equal("3", _source.Watched);
    }

    private static void Changed()
    {
    }

    private static EndpointState State(int number, EndpointHealth health = EndpointHealth.Ready, bool excluded = false, ConnectionPlan? plan = null) =>
        new(Snapshots.Cluster("backend"), Snapshots.Endpoint($"10.0.0.{number}", health) with { IsExcluded = excluded }, new TransportSettings(), plan: plan);

    private sealed class Source : IEndpointHealthSource
    {
        private readonly List<string> _log = [];
        private readonly List<string> _watched = [];

        public IReadOnlyCollection<EndpointState> NotServing => [];

        /// <summary>Who began to be asked (+) and no longer is (-), in that order.</summary>
        public string Log => string.Join(' ', _log);

        public string Watched => string.Join(' ', _watched.Order(StringComparer.Ordinal));

        public (Uri, Action) Told { get; private set; }

        public IDisposable Watch(EndpointState endpoint, Uri called, Action changed)
        {
            var number = endpoint.Model.Address["10.0.0.".Length..];
            Told = (called, changed);
            _log.Add($"+{number}");
            _watched.Add(number);
            return new Watching(() =>
            {
                _log.Add($"-{number}");
                Assert.True(_watched.Remove(number), $"{number} was let go twice");
            });
        }
    }

    private sealed class Watching(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
