using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;

namespace MeshSdk.Grpc.Tests.Health;

/// <summary>Serves until a test says otherwise, and counts who listens.</summary>
internal sealed class CountingHealth : HealthServiceImpl
{
    private int _open;
    private int _begun;

    public CountingHealth() => SetStatus("", HealthCheckResponse.Types.ServingStatus.Serving);

    /// <summary>How many listen now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>How many have begun to.</summary>
    public int Begun => Volatile.Read(ref _begun);

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        Interlocked.Increment(ref _begun);
        Interlocked.Increment(ref _open);
        try
        {
            await base.Watch(request, responseStream, context);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
