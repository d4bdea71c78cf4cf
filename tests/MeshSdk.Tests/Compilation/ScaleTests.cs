using System.Diagnostics;
using System.Globalization;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class ScaleTests(ITestOutputHelper output)
{
    private const int Services = 10_000;
    private const int EndpointsOfEach = 5;
    private const long AllocationBudget = 100_000;

    [Fact]
    public void Large_mesh_compiles_and_one_weight_costs_next_to_nothing()
    {
        var resources = Enumerable.Range(0, Services).SelectMany(Objects).ToArray();
        var watch = Stopwatch.StartNew();
        var store = Given.Store(resources);
        var indexed = watch.Elapsed;
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        output.WriteLine($"indexed in {indexed.TotalMilliseconds:F0} ms, compiled in {(watch.Elapsed - indexed).TotalMilliseconds:F0} ms");
        Assert.Equal(Services * EndpointsOfEach, snapshot.Services.Values.Sum(service => service.Clusters[0].Endpoints.Length));

        var (bytes, best) = (long.MaxValue, TimeSpan.MaxValue);
        for (var weight = 1; weight <= 50; weight++)
        {
            var route = Route(4321, weight);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            snapshot = compiler.Recompile(snapshot, store, store.Apply([route], []));
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(weight, snapshot.Frontend("s4321").Routes.Rules[0].Backends.Backends[0].Weight);
        }

        output.WriteLine($"one weight: {bytes} bytes, {best.TotalMicroseconds:F0} us");
        Assert.InRange(bytes, 1, AllocationBudget);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    private static IEnumerable<Resource> Objects(int i)
    {
        var name = Name(i);
        yield return Given.Service(name);
        yield return Given.Slice(
            $"{name}-1", name, 8080,
            [.. Enumerable.Range(0, EndpointsOfEach).Select(e => Given.Endpoint($"10.{i / 250}.{i % 250}.{e + 1}", ready: true) with { Zone = $"z{e % 3}" })]);
        yield return Route(i, 90);
    }

    private static HttpRoute Route(int i, int weight) =>
        Given.Route($"r{i}", Name(i), Given.Rule(Given.Backend(Name(i), weight), Given.Backend(Name((i + 1) % Services), 10)));

    private static string Name(int i) => "s" + i.ToString(CultureInfo.InvariantCulture);
}
