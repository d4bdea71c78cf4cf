namespace MeshSdk.Resilience.Outliers;

/// <summary>How much may be logged of one thing: so many lines a minute, and how many it would have been.</summary>
internal sealed class LogAllowance(TimeProvider time)
{
    public const int Lines = 10;

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _begin;
    private int _used = Lines;
    private int _withheld;
    private bool _hasBegun;

    /// <summary>Whether one more line may be written.</summary>
    /// <param name="withheld">How many were not since the last that was; told once.</param>
    public bool TryTake(out int withheld)
    {
        lock (_gate)
        {
            if (!_hasBegun || time.GetElapsedTime(_begin) >= Period)
            {
                (_hasBegun, _begin, _used) = (true, time.GetTimestamp(), 0);
            }

            if (_used == Lines)
            {
                _withheld++;
                withheld = 0;
                return false;
            }

            _used++;
            (withheld, _withheld) = (_withheld, 0);
            return true;
        }
    }
}
