using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using MeshSdk.Transport.Lanes;

namespace MeshSdk.Tests.Transport.Lanes;

/// <summary>
/// The lanes of a few endpoints, with connections that a test opens and closes by hand in place of a handler's. Every step is checked against what must
/// hold at all times.
/// </summary>
internal sealed class LaneStorm
{
    public static readonly LaneKey Http1 = Key(HttpProtocol.Http1, "backend"), Alias = Key(HttpProtocol.Http1, "alias"), Http2 = Key(HttpProtocol.Http2, "backend");

    private static readonly TransportSettings Settings = new();
    private readonly ConnectionLimits _limits;
    private readonly RequestBreaker _requests = new();
    private readonly Dictionary<Lane, EndpointLanes> _lanes = [];
    private readonly List<(EndpointLanes Endpoint, Lane Lane)> _held = [];
    private readonly List<Waiting> _waiting = [];

    public LaneStorm(ConnectionLimits limits, int endpoints)
    {
        _limits = limits;
        Cluster = new ClusterLanes(Snapshots.Cluster("backend"), null) { Limits = limits };
        _requests.Limit = limits.MaxRequests ?? int.MaxValue;
        Endpoints =
        [
            .. Enumerable.Range(1, endpoints).Select(i => new EndpointLanes(
                Cluster,
                new EndpointConnector(Snapshots.Cluster("backend"), new IPEndPoint(IPAddress.Loopback, i), Settings, ConnectionPlan.Default))),
        ];
    }

    public ClusterLanes Cluster { get; }

    public EndpointLanes[] Endpoints { get; }

    public int Held => _held.Count;

    public int Waits => _waiting.Count;

    public int Overflows { get; private set; }

    public void Enter(int endpoint, LaneKey key)
    {
        var waiting = new Waiting(Endpoints[endpoint % Endpoints.Length], key, new CancellationTokenSource());
        try
        {
            waiting.Task = waiting.Endpoint.EnterAsync(key, _requests, waiting.Cancel.Token).AsTask();
            _waiting.Add(waiting);
        }
        catch (ConnectionOverflowException e)
        {
            // Never while there is room for what it is about.
            var (limit, active) = e.Kind == OverflowKind.Pending ? (_limits.MaxPendingRequests, Cluster.Pending) : (_limits.MaxRequests, _requests.Active);
            Assert.Equal(limit, active);
            Overflows++;
        }

        Settle();
    }

    public void Leave(int which)
    {
        if (_held.Count > 0)
        {
            var (endpoint, lane) = _held[which % _held.Count];
            _held.RemoveAt(which % _held.Count);
            _requests.Exit();
            endpoint.Leave(lane);
            Settle();
        }
    }

    public void Cancel(int which)
    {
        if (_waiting.Count > 0)
        {
            _waiting[which % _waiting.Count].Cancel.Cancel();
            Settle();
        }
    }

    /// <summary>A server closes a connection, used or not.</summary>
    public void Lose(int which)
    {
        Lane[] open = [.. _lanes.Keys.Where(static lane => lane.IsConnected)];
        if (open.Length > 0)
        {
            open[which % open.Length].Closed();
            Settle();
        }
    }

    /// <summary>A server tells what it allows.</summary>
    public void Allow(int which, int streams)
    {
        Lane[] open = [.. _lanes.Keys.Where(static lane => lane is { IsConnected: true, Protocol: HttpProtocol.Http2 })];
        if (open.Length > 0)
        {
            open[which % open.Length].Allowed(streams);
            Settle();
        }
    }

    /// <summary>What disposing of the handlers would do.</summary>
    public void CloseAll()
    {
        foreach (var lane in _lanes.Keys.Where(static lane => lane.IsConnected))
        {
            lane.Closed();
        }
    }

    // Takes in what has come of it, until nothing more does.
    private void Settle()
    {
        for (var changed = true; changed;)
        {
            changed = false;

            // Those that were served or sent away go on on threads of the pool.
            Assert.True(SpinWait.SpinUntil(() => _waiting.Count(static w => w.Task.IsCompleted) == _waiting.Count - Cluster.Pending, TimeSpan.FromSeconds(30)));
            foreach (var waiting in _waiting.FindAll(static waiting => waiting.Task.IsCompleted))
            {
                _waiting.Remove(waiting);
                changed = true;
                if (waiting.Task.IsCompletedSuccessfully)
                {
                    Hold(waiting.Endpoint, waiting.Task.Result);
                }
                else if (waiting.Task.Exception?.InnerException is ConnectionOverflowException)
                {
                    Overflows++;
                }
                else
                {
                    Assert.True(waiting.Task.IsCanceled, $"{waiting.Task.Exception}");
                }
            }

            foreach (var lane in _lanes.Keys.Where(static lane => lane is { IsClosed: true, IsConnected: true, Active: 0 }).ToArray())
            {
                // What disposing of its handler would do.
                lane.Closed();
                changed = true;
            }
        }

        Check();
    }

    private void Hold(EndpointLanes endpoint, Lane lane)
    {
        _lanes[lane] = endpoint;
        _held.Add((endpoint, lane));
        if (!lane.IsConnected)
        {
            lane.Dialling();
        }
    }

    private void Check()
    {
        var connected = _lanes.Keys.Count(static lane => lane.IsConnected);
        Assert.InRange(connected, 0, Cluster.Connections);
        Assert.InRange(Cluster.Connections, 0, (_limits.MaxConnections ?? int.MaxValue - 10) + Endpoints.Length - 1);
        Assert.Equal(_waiting.Count, Cluster.Pending);
        Assert.InRange(Cluster.Pending, 0, _limits.MaxPendingRequests ?? int.MaxValue);
        Assert.Equal(_held.Count, _requests.Active);
        Assert.InRange(_requests.Active, 0, _requests.Limit);
        foreach (var lane in _lanes.Keys)
        {
            Assert.Equal(_held.Count(held => held.Lane == lane), lane.Active);
            Assert.InRange(lane.Served, 0, _limits.MaxRequestsPerConnection ?? int.MaxValue);
            Assert.InRange(lane.Active, 0, lane.Protocol == HttpProtocol.Http1 ? 1 : _limits.MaxConcurrentStreams ?? int.MaxValue);
        }

        // Nobody waits at an endpoint that could open a connection, or has one to spare that the first in line can use.
        foreach (var endpoint in Endpoints)
        {
            if (endpoint.Waiters.First is { Value: var first })
            {
                var own = _held.Where(held => held.Endpoint == endpoint).Select(static held => held.Lane).Distinct().ToArray();
                Assert.False(own.Length == 0, "a request waits for nothing");
                Assert.False(Cluster.HasSlot(isFirst: false), "a slot is free while a request waits");
                Assert.DoesNotContain(_lanes, lane => lane.Key.IsListed && lane.Value == endpoint && lane.Key.Takes(first.Key));
            }
        }
    }

    private static LaneKey Key(HttpProtocol protocol, string host) => new(protocol, TransportProfile.Default, false, host, 80, null);

    private sealed record Waiting(EndpointLanes Endpoint, LaneKey Key, CancellationTokenSource Cancel)
    {
        public Task<Lane> Task { get; set; } = null!;
    }
}
