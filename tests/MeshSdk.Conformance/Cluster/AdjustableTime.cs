namespace MeshSdk.Conformance.Cluster;

/// <summary>The system's clock, but for the date, which tests move on: creation times count in whole seconds, and older routes come first.</summary>
internal sealed class AdjustableTime : TimeProvider
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));

    public void Advance(TimeSpan span) => Interlocked.Add(ref _offset, span.Ticks);
}
