using System.Threading.Channels;

namespace MeshSdk.Identity.Tests.Fixtures;

/// <summary>Writes down what a source delivers, in its order, and hands it out one by one.</summary>
internal sealed class RecordingSink : ICertificateSink
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly Channel<object> _events = Channel.CreateUnbounded<object>();

    /// <summary>All failures so far, with all that is inside them.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Refuses the next identity, as the store does with one that cannot be used.</summary>
    public bool RefusesNext { get; set; }

    public void Publish(MeshIdentity identity)
    {
        if (RefusesNext)
        {
            RefusesNext = false;
            throw new ArgumentException("it is refused");
        }

        _events.Writer.TryWrite(identity);
    }

    public void Failed(Exception reason)
    {
        lock (Failures)
        {
            Failures.Add(reason.ToString());
        }

        _events.Writer.TryWrite(reason);
    }

    /// <summary>The next event, which has to be an identity.</summary>
    public async Task<MeshIdentity> IdentityAsync() => await NextAsync() switch
    {
        MeshIdentity identity => identity,
        var failure => throw new InvalidOperationException($"expected an identity, and it failed: {failure}"),
    };

    /// <summary>The next event, which has to be a failure.</summary>
    public async Task<string> FailureAsync() => await NextAsync() switch
    {
        Exception reason => reason.Message,
        _ => throw new InvalidOperationException("expected a failure, and there is an identity"),
    };

    public bool IsEmpty => !_events.Reader.TryPeek(out _);

    private async Task<object> NextAsync() => await _events.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Bound);
}
