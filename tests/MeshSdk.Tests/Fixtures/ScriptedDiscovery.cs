using System.Collections.Concurrent;
using MeshSdk.Model;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A control plane that knows of hosts what the test says; of all others, that they are foreign.</summary>
internal sealed class ScriptedDiscovery : IServiceDiscovery
{
    private readonly ConcurrentDictionary<string, Func<HostDemand>> _answers = new();

    public ConcurrentQueue<string> Demands { get; } = new();

    public ConcurrentQueue<IReadOnlyCollection<ServiceId>> Uses { get; } = new();

    public Exception? UsedFault { get; set; }

    public void Answer(string host, HostKnowledge knowledge) => Answer(host, () => new HostDemand(knowledge));

    public void Answer(string host, Func<HostDemand> answer) => _answers[host] = answer;

    public HostDemand Demand(string host)
    {
        Demands.Enqueue(host);
        return _answers.TryGetValue(host, out var answer) ? answer() : new HostDemand(HostKnowledge.Foreign);
    }

    public void Used(IReadOnlyCollection<ServiceId> services)
    {
        Uses.Enqueue(services);
        if (UsedFault is { } fault)
        {
            throw fault;
        }
    }
}
