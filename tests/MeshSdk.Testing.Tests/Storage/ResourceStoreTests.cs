using System.Collections.Immutable;
using CsCheck;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Storage;

public sealed class ResourceStoreTests
{
    private static readonly ResourceType Type = new PlainSemantics().Types.First(type => type.Kind == "ConfigMap");
    private static readonly CollectionId Id = CollectionId.Of(Type);
    private static readonly ObjectFilter Red = new(null, LabelSelector.Parse("colour=red"), FieldSelector.Everything);

    // A name, and a colour for it or none for its removal.
    private static readonly Gen<(int Name, int Colour)[]> Changes = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2]).Array[0, 60];

    [Fact]
    public void A_watch_from_any_version_leads_to_the_present() => Gen.Select(Changes, Changes).Sample((before, after) =>
    {
        var store = new ResourceStore(1000);
        Apply(store, before);
        var start = store.Read(Id);
        var expected = start.Objects.Values.Where(Red.Matches).ToDictionary(stored => stored.Key);
        Apply(store, after);

        foreach (var item in store.Watch(Id, Red, start.Revision).Items)
        {
            switch (item.Kind)
            {
                case WatchItemKind.Added:
                    Assert.True(expected.TryAdd(item.Object!.Key, item.Object));
                    break;
                case WatchItemKind.Modified:
                    Assert.True(expected.ContainsKey(item.Object!.Key));
                    expected[item.Object.Key] = item.Object;
                    break;
                default:
                    Assert.True(expected.Remove(item.Object!.Key));
                    break;
            }

            Assert.Equal(item.Revision, item.Object.Revision);
        }

        Assert.Equal(
            store.Read(Id).Objects.Values.Where(Red.Matches).Select(stored => (stored.Key, stored.Revision)).Order(),
            expected.Values.Select(stored => (stored.Key, stored.Revision)).Order());
    });

    [Fact]
    public void A_running_watch_sees_what_a_late_one_sees() => Changes.Sample(changes =>
    {
        var store = new ResourceStore(1000);
        var start = store.Watch(Id, Red, 1);
        Apply(store, changes);
        start.Subscription.Complete();

        var seen = start.Subscription.Items.ReadAllAsync().ToBlockingEnumerable().Select(item => (item.Kind, item.Object!.Key, item.Revision));

        Assert.Equal(store.Watch(Id, Red, 1).Items.Select(item => (item.Kind, item.Object!.Key, item.Revision)), seen);
    });

    [Fact]
    public void Earlier_moments_can_be_read_again() => Changes.Sample(changes =>
    {
        var store = new ResourceStore(1000);
        var moments = new List<StoreSnapshot>();
        foreach (var change in changes)
        {
            moments.Add(store.Read(Id));
            Apply(store, [change]);
        }

        foreach (var moment in moments)
        {
            Assert.Equal(moment.Objects.ToImmutableArray(), store.Read(Id, moment.Revision).Objects.ToImmutableArray());
        }
    });

    [Fact]
    public void What_is_no_longer_retained_is_expired()
    {
        var store = new ResourceStore(2);
        Apply(store, [(1, 1), (2, 1), (3, 1), (4, 1)]);

        Assert.Equal(2, store.Watch(Id, ObjectFilter.Everything, 3).Items.Count);
        Assert.Equal(410, Assert.Throws<ApiException>(() => store.Watch(Id, ObjectFilter.Everything, 2)).Code);
        Assert.Equal(410, Assert.Throws<ApiException>(() => store.Read(Id, 2)).Code);
    }

    [Fact]
    public void A_version_that_has_not_come_yet_is_too_large()
    {
        var refusal = Assert.Throws<ApiException>(() => new ResourceStore(2).Watch(Id, ObjectFilter.Everything, 99));

        Assert.Equal((504, "Timeout"), (refusal.Code, refusal.Reason));
        Assert.Equal("ResourceVersionTooLarge", (string)refusal.Details!["causes"]![0]!["reason"]!);
    }

    [Fact]
    public void Compaction_spares_nobody_but_running_watches()
    {
        var store = new ResourceStore(100);
        Apply(store, [(1, 1)]);
        using var running = store.Watch(Id, ObjectFilter.Everything, null).Subscription;
        store.Compact();
        Apply(store, [(2, 1)]);

        Assert.True(running.Items.TryRead(out var item) && item.Object!.Key.Name == "n2");
        Assert.Equal(410, Assert.Throws<ApiException>(() => store.Watch(Id, ObjectFilter.Everything, 1)).Code);
        Assert.Single(store.Watch(Id, ObjectFilter.Everything, 2).Items);
        Assert.Equal(410, Assert.Throws<ApiException>(() => store.Watch(new("", "pods"), ObjectFilter.Everything, 1)).Code);
    }

    [Fact]
    public void Renumbering_keeps_objects_and_order()
    {
        var store = new ResourceStore(100);
        Apply(store, [(1, 1), (2, 1), (1, 2), (1, 1)]);
        store.Renumber();

        Assert.Equal(2, store.Revision);
        Assert.Equal(["n2", "n1"], store.Read(Id).Objects.Values.OrderBy(stored => stored.Revision).Select(stored => stored.Key.Name));
        Assert.Equal(504, Assert.Throws<ApiException>(() => store.Watch(Id, ObjectFilter.Everything, 5)).Code);
        Assert.Equal(410, Assert.Throws<ApiException>(() => store.Watch(Id, ObjectFilter.Everything, 1)).Code);
    }

    [Fact]
    public void A_watcher_that_lags_too_far_behind_is_cut_off()
    {
        var store = new ResourceStore(1);
        using var lazy = store.Watch(Id, ObjectFilter.Everything, null).Subscription;
        Apply(store, [.. Enumerable.Range(0, 101).Select(i => (i, 1))]);

        Assert.Equal(100, lazy.Items.ReadAllAsync().ToBlockingEnumerable().Count());
    }

    [Fact]
    public void A_bookmark_comes_behind_everything_that_it_covers()
    {
        var store = new ResourceStore(10);
        using var subscription = store.Watch(Id, Red, null).Subscription;
        Apply(store, [(1, 1), (2, 2)]);
        store.Bookmark(subscription);
        subscription.Complete();

        var items = subscription.Items.ReadAllAsync().ToBlockingEnumerable().ToList();

        Assert.Equal([(WatchItemKind.Added, 2), (WatchItemKind.Bookmark, 3)], items.Select(item => (item.Kind, item.Revision)));
    }

    private static void Apply(ResourceStore store, (int Name, int Colour)[] changes)
    {
        foreach (var (name, colour) in changes)
        {
            if (colour == 0)
            {
                store.Remove(Id, new("", $"n{name}"));
            }
            else
            {
                store.Put(Type, Cluster.ConfigMap($"n{name}", "", ("colour", colour == 1 ? "red" : "blue")));
            }
        }
    }
}
