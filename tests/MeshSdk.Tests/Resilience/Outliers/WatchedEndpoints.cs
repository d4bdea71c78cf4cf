using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Resilience.Outliers;

/// <summary>Endpoints that a detector looks at, a clock that only the test moves, and what observers heard.</summary>
internal sealed class WatchedEndpoints : IEjectionObserver, IDisposable
{
    private readonly ConcurrentQueue<EjectionNews> _news = new();

    public WatchedEndpoints(OutlierDetectionModel model, int count, Random? random = null)
    {
        (Model, Endpoints) = (model, [.. Enumerable.Range(1, count).Select(static i => New(i))]);
        Detector = new OutlierDetector(Time, new OutlierServices(random ?? new Random(1), Ejections, this), () => Refreshes++);
        Apply();
    }

    public FakeTimeProvider Time { get; } = new();

    public OutlierDetector Detector { get; }

    public Ejections Ejections { get; } = new();

    public OutlierDetectionModel Model { get; private set; }

    public EndpointState[] Endpoints { get; private set; }

    public int Refreshes { get; private set; }

    public IReadOnlyCollection<EjectionNews> News => _news;

    public int Ejected => Endpoints.Count(static e => e.IsEjected);

    public static EndpointState New(int number) => new(Snapshots.Cluster("backend"), Snapshots.Endpoint($"10.0.0.{number}"), new TransportSettings());

    public EndpointMonitor Monitor(int index) => (EndpointMonitor)Endpoints[index].Outcomes!;

    public void Apply(Func<OutlierDetectionModel, OutlierDetectionModel>? change = null, params EndpointState[] endpoints)
    {
        Model = change?.Invoke(Model) ?? Model;
        Endpoints = endpoints.Length > 0 ? endpoints : Endpoints;
        Detector.Apply(Model, Endpoints);
    }

    public void Answer(int index, int status, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Endpoints[index].Record(AttemptOutcomeKind.Answered, status);
        }
    }

    /// <summary>Lets some intervals go by, tick by tick.</summary>
    public void Tick(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Time.Advance(Model.Interval);
        }
    }

    public void Pass(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    public string Kinds() => string.Join(' ', _news.Select(static n => n.Kind));

    public void Hear(EjectionNews news) => _news.Enqueue(news);

    public void Failed(Exception error) => throw new InvalidOperationException("not expected", error);

    public void Dispose() => Detector.Dispose();
}
