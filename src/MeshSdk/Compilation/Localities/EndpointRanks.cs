using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Localities;

/// <summary>In which order the endpoints of a cluster are called, and which are not called at all. Numbered as the endpoints are.</summary>
internal sealed class EndpointRanks
{
    private readonly int[]? _priorities;
    private readonly bool[]? _excluded;

    private EndpointRanks(int[]? priorities, bool[]? excluded, ImmutableArray<LocalityWeight> weights) =>
        (_priorities, _excluded, Weights) = (priorities, excluded, weights);

    /// <summary>All alike.</summary>
    public static EndpointRanks Even { get; } = new(null, null, []);

    /// <summary>See <see cref="ClusterModel.LocalityWeights"/>.</summary>
    public ImmutableArray<LocalityWeight> Weights { get; }

    /// <summary>What was asked for and could not be done; null where all was.</summary>
    public LocalityDoubt? Doubt { get; private init; }

    /// <summary>Whether they are all alike.</summary>
    public bool IsEven => _priorities is null && _excluded is null && Weights.IsEmpty;

    public int PriorityOf(int endpoint) => _priorities?[endpoint] ?? 0;

    public bool IsExcluded(int endpoint) => _excluded?[endpoint] ?? false;

    /// <summary>The same, and what could not be done.</summary>
    public EndpointRanks With(LocalityDoubt? doubt) => doubt is null ? this : new EndpointRanks(_priorities, _excluded, Weights) { Doubt = doubt };

    /// <summary>By any numbers: the lowest becomes 0, the next one 1 and so on, since a priority that nobody has would be an empty one.</summary>
    public static EndpointRanks ByPriority(int[] numbers)
    {
        var order = new SortedSet<int>(numbers);
        if (order.Count <= 1)
        {
            return Even;
        }

        var priorities = order.Select(static (number, index) => (number, index)).ToDictionary(static pair => pair.number, static pair => pair.index);
        return new EndpointRanks(Array.ConvertAll(numbers, number => priorities[number]), null, []);
    }

    public static EndpointRanks Without(bool[] excluded) => Array.IndexOf(excluded, true) < 0 ? Even : new EndpointRanks(null, excluded, []);

    public static EndpointRanks ByWeight(ImmutableArray<LocalityWeight> weights, bool[] excluded) => new(null, excluded, weights);
}
