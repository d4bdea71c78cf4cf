namespace MeshSdk.Conformance.Cases;

/// <summary>One row of the suite's tables.</summary>
/// <param name="Name">Says what is asked and what is expected; unique in its scenario.</param>
internal sealed record Case(string Name, Func<Run, Task> Body)
{
    /// <summary>Changes the cluster: it gets one of its own.</summary>
    public bool Alone { get; init; }

    /// <summary>A request and what has to come of it.</summary>
    public static Case Row(Call call, Expected expected)
    {
        // Of several headers only the names tell rows apart well enough.
        return new Case($"{call} → {expected}", run => run.CheckAsync(call, expected));
    }

    public static Case That(string name, Func<Run, Task> body) => new(name, body);

    /// <summary>The same, in a cluster that it may change.</summary>
    public static Case Changing(string name, Func<Run, Task> body) => new(name, body) { Alone = true };
}
