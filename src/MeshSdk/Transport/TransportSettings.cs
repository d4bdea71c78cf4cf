using System.Diagnostics.Metrics;
using MeshSdk.Telemetry;

namespace MeshSdk.Transport;

/// <summary>What all connections of one mesh have in common.</summary>
internal sealed record TransportSettings
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Null: real sockets.</summary>
    public IMeshTransportFactory? Factory { get; init; }

    public Action<SocketsHttpHandler>? Configure { get; init; }

    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>Null: nobody hears of limits that are reached.</summary>
    public CircuitBreakerMetrics? Breakers { get; init; }
}
