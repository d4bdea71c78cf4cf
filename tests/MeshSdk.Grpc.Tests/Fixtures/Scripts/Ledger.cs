using System.Collections.Concurrent;

namespace MeshSdk.Grpc.Tests.Fixtures.Scripts;

/// <summary>What arrived for each call, over all servers, which tests have in common: each call has a name of its own.</summary>
internal static class Ledger
{
    private static readonly ConcurrentDictionary<string, Entry> Calls = new(StringComparer.Ordinal);

    /// <summary>The attempts of a call in order of arrival.</summary>
    public static IReadOnlyList<Arrival> Of(string call) => Calls.TryGetValue(call, out var entry) ? entry.Arrivals : [];

    /// <summary>Lets the attempts of a call go on that wait to be told so.</summary>
    public static void Release(string call) => Calls.GetOrAdd(call, static _ => new Entry()).Gate.TrySetResult();

    /// <summary>Completes once <see cref="Release"/> was called.</summary>
    public static Task ReleasedAsync(string call) => Calls.GetOrAdd(call, static _ => new Entry()).Gate.Task;

    /// <summary>Notes that the caller has got what was sent so far.</summary>
    public static void See(string call) => Calls.GetOrAdd(call, static _ => new Entry()).Seen.TrySetResult();

    /// <summary>Completes once <see cref="See"/> was called.</summary>
    public static Task SeenAsync(string call) => Calls.GetOrAdd(call, static _ => new Entry()).Seen.Task;

    /// <returns>How many attempts came before this one.</returns>
    public static int Add(string call, Arrival arrival) => Calls.GetOrAdd(call, static _ => new Entry()).Add(arrival);

    private sealed class Entry
    {
        private readonly List<Arrival> _arrivals = [];

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<Arrival> Arrivals
        {
            get
            {
                lock (_arrivals)
                {
                    return [.. _arrivals];
                }
            }
        }

        public int Add(Arrival arrival)
        {
            lock (_arrivals)
            {
                _arrivals.Add(arrival);
                return _arrivals.Count - 1;
            }
        }
    }
}
