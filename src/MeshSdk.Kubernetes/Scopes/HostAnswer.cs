using MeshSdk.Model;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>What is answered to those who ask for one host, until it is replaced. Immutable, so that readers need no lock.</summary>
internal sealed class HostAnswer
{
    private readonly TaskCompletionSource? _pending;

    private HostAnswer(HostDemand demand, TaskCompletionSource? pending, long expires)
    {
        Demand = demand;
        _pending = pending;
        Expires = expires;
    }

    /// <summary>A service that is in force: its frontends answer for it, and a host without one has a port that the service has not.</summary>
    public static HostAnswer Loaded { get; } = new(new HostDemand(HostKnowledge.Absent), null, long.MaxValue);

    /// <summary>A service that is an alias for DNS to resolve: there is nothing behind it that the mesh could see.</summary>
    public static HostAnswer Alias { get; } = new(new HostDemand(HostKnowledge.Foreign), null, long.MaxValue);

    public HostDemand Demand { get; }

    /// <summary>In timestamps of the clock; from then on the answer is worth asking again.</summary>
    public long Expires { get; }

    /// <summary>The last thing that was known is that no service has the name.</summary>
    public bool WasAbsent { get; private init; }

    /// <summary>For how long that no service has the name was believed the last time; zero where it was not.</summary>
    public TimeSpan Memory { get; private init; }

    /// <summary>Somebody is to find out more.</summary>
    public bool IsAwaited { get; private init; }

    /// <param name="previous">What was known before, and is worth finding out again.</param>
    public static HostAnswer Pending(HostAnswer? previous)
    {
        var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(new HostDemand(HostKnowledge.Pending) { Known = known.Task }, known, long.MaxValue)
        {
            IsAwaited = true,
            WasAbsent = previous?.Demand.Knowledge == HostKnowledge.Absent,
            Memory = previous?.Memory ?? TimeSpan.Zero,
        };
    }

    /// <summary>It is asked for again, and what was known before is answered meanwhile.</summary>
    public static HostAnswer Refreshed(HostAnswer absent) =>
        new(absent.Demand, null, long.MaxValue) { IsAwaited = true, WasAbsent = true, Memory = absent.Memory };

    /// <param name="memory">How long it is believed.</param>
    public static HostAnswer Absent(long expires, TimeSpan memory) => new(new HostDemand(HostKnowledge.Absent), null, expires) { Memory = memory };

    public static HostAnswer Unknown(string reason, long expires = long.MaxValue) =>
        new(new HostDemand(HostKnowledge.Unknown) { Reason = reason }, null, expires);

    /// <summary>Lets those go who wait for a better answer.</summary>
    public void Complete() => _pending?.TrySetResult();
}
