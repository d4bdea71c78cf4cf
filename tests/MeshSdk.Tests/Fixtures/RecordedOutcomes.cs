using System.Collections.Concurrent;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Fixtures;

/// <summary>Notes what an endpoint is charged with.</summary>
internal sealed class RecordedOutcomes : IOutcomeSink
{
    private readonly ConcurrentQueue<AttemptOutcome> _outcomes = new();

    public int Count => _outcomes.Count;

    public IReadOnlyList<AttemptOutcome> All => [.. _outcomes];

    public static RecordedOutcomes Of(EndpointState endpoint)
    {
        var recorded = new RecordedOutcomes();
        endpoint.Outcomes = recorded;
        return recorded;
    }

    public void Record(AttemptOutcome outcome) => _outcomes.Enqueue(outcome);

    public bool IsError(int status) => status is >= 500 and <= 599;

    public override string ToString() => string.Join(", ", _outcomes.Select(static o => o.Status == 0 ? $"{o.Kind}" : $"{o.Kind} {o.Status}"));
}
