using BenchmarkDotNet.Attributes;
using MeshSdk.Http;
using MeshSdk.Routing;

namespace MeshSdk.Benchmarks.Routing;

/// <summary>
/// Decisions for one service on one thread, and on two at the same time. Both do the same number each, so without any contention the two rows would
/// be equal. Needs two idle processors.
/// </summary>
public class ContentionBenchmark
{
    private const int Decisions = 100_000;

    private readonly SemaphoreSlim _go = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private Mesh _mesh = null!;
    private MeshEngine _engine = null!;
    private Thread _second = null!;
    private volatile bool _stop;

    [GlobalSetup]
    public async Task Setup()
    {
        _mesh = await BenchmarkMesh.StartAsync();
        _engine = _mesh.Runtime.Engine;
        _second = new Thread(Second) { IsBackground = true };
        _second.Start();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _stop = true;
        _go.Release();
        _second.Join();
        _mesh.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Decisions, Description = "one thread")]
    public void OneThread() => Run();

    [Benchmark(OperationsPerInvoke = Decisions, Description = "two threads, each")]
    public void TwoThreads()
    {
        _go.Release();
        Run();
        _done.Wait();
    }

    private void Second()
    {
        while (true)
        {
            _go.Wait();
            if (_stop)
            {
                return;
            }

            Run();
            _done.Release();
        }
    }

    private void Run()
    {
        var uri = new Uri("http://backend/orders/42");
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        for (var i = 0; i < Decisions; i++)
        {
            Router.Decide(_engine.FindFrontend(uri)!, request)!.Value.Endpoint!.Release();
        }
    }
}
