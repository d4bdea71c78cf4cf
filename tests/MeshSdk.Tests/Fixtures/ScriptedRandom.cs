namespace MeshSdk.Tests.Fixtures;

/// <summary>Chance that a test has written down: numbers are taken modulo the bound, in order.</summary>
internal sealed class ScriptedRandom(params int[] numbers) : Random
{
    private int _next;

    public override int Next(int maxValue) => numbers[_next++] % maxValue;
}
