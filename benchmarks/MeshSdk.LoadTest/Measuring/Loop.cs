namespace MeshSdk.LoadTest.Measuring;

/// <summary>One of the closed loops that load consists of, with what belongs to it alone: a buffer, or a stream that its steps are messages of.</summary>
internal abstract class Loop : IAsyncDisposable
{
    /// <summary>What is not to be measured, since it comes once.</summary>
    public virtual Task BeginAsync() => Task.CompletedTask;

    /// <summary>A request, a call or a message.</summary>
    public abstract Task StepAsync();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>HTTP requests.</summary>
internal sealed class RequestLoop(Contender contender, Call call) : Loop
{
    private readonly byte[] _buffer = new byte[256];

    public override Task StepAsync() => call.SendAsync(contender, _buffer);
}
