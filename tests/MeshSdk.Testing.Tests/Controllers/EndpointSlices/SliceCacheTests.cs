using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Controllers.EndpointSlices;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Controllers.EndpointSlices;

public sealed class SliceCacheTests
{
    private static readonly ServiceKey Backend = new("shop", "backend");

    private readonly SliceCache _cache = new();

    [Fact]
    public void An_own_write_is_not_undone_by_what_the_watch_tells_of_before()
    {
        _cache.Apply(new("ADDED", Slice(1)));
        _cache.Put(Slice(5));

        Assert.Empty(_cache.Apply(new("MODIFIED", Slice(3))));
        Assert.Empty(_cache.Apply(new("MODIFIED", Slice(5))));
        Assert.Equal("5", Version());

        Assert.Equal([Backend], _cache.Apply(new("MODIFIED", Slice(6))));
        Assert.Equal("6", Version());
    }

    [Fact]
    public void An_own_deletion_is_not_undone_by_what_the_watch_tells_of_before()
    {
        _cache.Put(Slice(1));
        _cache.Delete("shop", "backend-x");

        Assert.Empty(_cache.Apply(new("ADDED", Slice(1))));
        Assert.Empty(_cache.Of(Backend));
        Assert.Empty(_cache.Apply(new("DELETED", Slice(2))));

        // From here on the name is free for another slice.
        Assert.Equal([Backend], _cache.Apply(new("ADDED", Slice(3))));
        Assert.Equal("3", Version());
    }

    [Fact]
    public void A_deletion_by_somebody_else_counts_unless_the_slice_was_made_anew_since()
    {
        _cache.Put(Slice(1));
        Assert.Equal([Backend], _cache.Apply(new("DELETED", Slice(2))));
        Assert.Empty(_cache.Of(Backend));

        _cache.Put(Slice(4));
        Assert.Empty(_cache.Apply(new("DELETED", Slice(3))));
        Assert.Equal("4", Version());
    }

    [Fact]
    public void A_slice_that_changes_its_label_concerns_both_services()
    {
        _cache.Apply(new("ADDED", Slice(1)));

        Assert.Equal([Backend, new("shop", "other")], _cache.Apply(new("MODIFIED", Slice(2, "other"))).OrderBy(key => key.Name));
        Assert.Empty(_cache.Of(Backend));
        Assert.Single(_cache.Of(new("shop", "other")));
    }

    private string? Version() => (string?)Assert.Single(_cache.Of(Backend)).Content["metadata"]!["resourceVersion"];

    private static JsonObject Slice(int version, string service = "backend") => Manifest.Of("EndpointSlice", "shop", "backend-x", $$"""
        {
          "metadata": {
            "resourceVersion": "{{version.ToString(CultureInfo.InvariantCulture)}}", "labels": { "kubernetes.io/service-name": "{{service}}" }
          }
        }
        """);
}
