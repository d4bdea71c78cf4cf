namespace MeshSdk.Grpc.Tests.Fixtures;

/// <summary>Chance that a test writes down as it goes: numbers are taken modulo the bound, in order, and 0 where none is left.</summary>
internal sealed class ScriptedRandom : Random
{
    private readonly Queue<int> _numbers = [];

    public void Enqueue(params ReadOnlySpan<int> numbers)
    {
        lock (_numbers)
        {
            foreach (var number in numbers)
            {
                _numbers.Enqueue(number);
            }
        }
    }

    public override int Next(int maxValue)
    {
        lock (_numbers)
        {
            return _numbers.TryDequeue(out var number) ? number % maxValue : 0;
        }
    }
}
