using System.Collections.Concurrent;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Security;

/// <summary>Keeps what a source tells it; can refuse what the real one would.</summary>
internal sealed class RecordingCertificateSink(FakeTimeProvider? clock = null) : ICertificateSink
{
    public ConcurrentQueue<MeshIdentity> Identities { get; } = new();

    public ConcurrentQueue<string> Failures { get; } = new();

    public Func<MeshIdentity, string?> Refuses { get; set; } = static _ => null;

    public void Publish(MeshIdentity identity)
    {
        if (Refuses(identity) is { } reason)
        {
            throw new ArgumentException(reason, nameof(identity));
        }

        Identities.Enqueue(identity);
    }

    public void Failed(Exception reason) => Failures.Enqueue(reason.Message);

    public async Task<MeshIdentity> PublishedAsync(int count)
    {
        await HoldsAsync(() => Identities.Count >= count, $"{count} identities; failures: {string.Join(" | ", Failures)}");
        return Identities.ElementAt(count - 1);
    }

    public async Task<string> FailedAsync(int count)
    {
        await HoldsAsync(() => Failures.Count >= count, $"{count} failures");
        return Failures.ElementAt(count - 1);
    }

    /// <summary>Lets time pass until a condition holds.</summary>
    public Task HoldsAsync(Func<bool> condition, string what) => Eventually.HoldsAsync(
        () =>
        {
            clock?.Advance(TimeSpan.FromMilliseconds(50));
            return condition();
        },
        what);

    /// <summary>Lets a time pass in steps, and the source look as often as it likes.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(50))
        {
            clock!.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }
}
