using System.Net;
using System.Runtime.CompilerServices;
using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Clusters;

public sealed class ClusterRegistryTests : IDisposable
{
    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 1);

    private readonly ClusterRegistry _clusters = new(new LoadBalancingPolicies(new Random(1)), new TransportSettings());

    public void Dispose() => _clusters.Dispose();

    private void Publish(ServiceModel? previous, ServiceModel? current)
    {
        if (current is not null)
        {
            _clusters.Apply(current);
        }

        _clusters.Retire(previous, current);
    }

    [Fact]
    public void Services_that_come_and_go_leave_nothing_behind()
    {
        for (var i = 0; i < 500; i++)
        {
            ComeAndGo(Snapshots.Service($"s{i}", Address));
        }

        Assert.Equal(0, _clusters.Count);
        Sweep();
        Assert.InRange(_clusters.AbsentCount, 0, 40);

        [MethodImpl(MethodImplOptions.NoInlining)]
        void ComeAndGo(ServiceModel service)
        {
            Publish(null, service);
            Publish(service, null);
        }
    }

    [Fact]
    public void Names_whose_service_never_came_are_forgotten_with_the_routes_that_named_them()
    {
        for (var i = 0; i < 500; i++)
        {
            _clusters.Get(Snapshots.Cluster($"s{i}"));
        }

        Sweep();
        Assert.Equal(0, _clusters.Count);
        Assert.InRange(_clusters.AbsentCount, 0, 40);
    }

    [Fact]
    public void A_cluster_that_is_bound_before_it_comes_is_the_one_that_comes()
    {
        var bound = _clusters.Get(Snapshots.Cluster("backend"));
        Sweep();
        Publish(null, Snapshots.Service("backend", Address));
        Assert.Same(bound, _clusters.Get(bound.Id));
        Assert.Single(bound.Usable);
    }

    [Fact]
    public void A_cluster_that_stays_bound_while_it_is_gone_serves_again_when_it_is_back()
    {
        var backend = Snapshots.Service("backend", Address);
        Publish(null, backend);
        var bound = _clusters.Get(Snapshots.Cluster("backend"));
        Publish(backend, null);
        Assert.Empty(bound.Usable);
        Sweep();

        Publish(null, backend);
        Assert.Same(bound, _clusters.Get(bound.Id));
        Assert.Single(bound.Usable);
    }

    [Fact]
    public void A_cluster_without_endpoints_is_the_same_one_before_and_after_it_is_in_force()
    {
        var backend = Snapshots.Service("backend");
        _clusters.Apply(backend);
        var bound = _clusters.Get(Snapshots.Cluster("backend"));
        _clusters.Retire(null, backend);
        Assert.Same(bound, _clusters.Get(bound.Id));
        Assert.NotNull(bound.Model);
    }

    [Fact]
    public void Disposal_closes_what_still_drains_of_a_cluster_that_nothing_is_bound_to_any_more()
    {
        var network = new RecordingTransport();
        var clusters = new ClusterRegistry(new LoadBalancingPolicies(new Random(1)), new TransportSettings { Factory = network });
        ComeAndGoBusy();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, Assert.Single(network.Handlers).Disposals);

        clusters.Dispose();
        Assert.Equal(1, Assert.Single(network.Handlers).Disposals);

        [MethodImpl(MethodImplOptions.NoInlining)]
        void ComeAndGoBusy()
        {
            var backend = Snapshots.Service("backend", Address);
            clusters.Apply(backend);
            Assert.True(clusters.Get(Snapshots.Cluster("backend")).TryPick(out var endpoint, out _));
            _ = endpoint.Connections(HttpProtocol.Http1, TransportProfile.Default);
            clusters.Retire(backend, null);
        }
    }

    // Names are looked through when enough new ones have come.
    private void Sweep()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = _clusters.AbsentCount;
        for (var i = 0; i < 2 * (before + 32); i++)
        {
            Name(i);
            if (_clusters.AbsentCount < before)
            {
                return;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Name(int i)
        {
            _clusters.Get(Snapshots.Cluster($"sweep{i}"));
            if (i % 16 == 0)
            {
                GC.Collect();
            }
        }
    }
}
