using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Storage;

/// <summary>Counts bytes of the whole process, so nothing else may run beside it.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests
{
    private static readonly ResourceType Type = new PlainSemantics().Types.First(type => type.Kind == "EndpointSlice");

    [Fact]
    public void Objects_are_kept_at_little_more_than_their_bytes()
    {
        const int Count = 3000;
        var store = new ResourceStore(Count);
        store.Put(Type, Slices.New(Count));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long bytes = 0;
        for (var i = 0; i < Count; i++)
        {
            bytes += store.Put(Type, Slices.New(i)).Content.Length;
        }

        var retained = GC.GetTotalMemory(forceFullCollection: true) - before;

        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes / Count} B an object, {retained / Count} B retained");
        Assert.InRange(retained, bytes, bytes + (Count * 1000L));
        GC.KeepAlive(store);
    }
}
