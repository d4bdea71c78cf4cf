using MeshSdk.Http.Bodies;
using MeshSdk.Http.Mirroring;
using MeshSdk.Resilience;

namespace MeshSdk.Http.Attempts;

/// <summary>What the tries of all requests of one mesh share.</summary>
internal sealed class AttemptServices(TimeProvider time, Random random, Mirrors mirrors) : IDisposable
{
    public TimeProvider Time { get; } = time;

    public Random Random { get; } = random;

    public DeadlinePool Deadlines { get; } = new(time);

    public RetryPipelines Retries { get; } = new(time, random);

    /// <summary>What may be kept of the bodies of all gRPC calls.</summary>
    public KeptTotal Kept { get; } = new();

    public Mirrors Mirrors { get; } = mirrors;

    public void Dispose() => Mirrors.Dispose();
}
