using System.Diagnostics.Metrics;
using MeshSdk.Telemetry;

namespace MeshSdk.Transport;

/// <summary>What all connections of one mesh have in common.</summary>
internal sealed record TransportSettings
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What connections over TLS are made by.</summary>
    public TransportSecurity Security { get; init; } = TransportSecurity.WithoutIdentity(TimeProvider.System);

    /// <summary>Whether all connections are in plaintext, whatever policies ask for. Somebody has asked for that in so many words.</summary>
    public bool IgnoresTls { get; init; }

    /// <summary>Null: real sockets.</summary>
    public IMeshTransportFactory? Factory { get; init; }

    public Action<SocketsHttpHandler>? Configure { get; init; }

    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>Asks endpoints themselves whether they serve; null: what the control plane says is enough.</summary>
    public IEndpointHealthSource? Health { get; init; }

    /// <summary>Null: nobody hears of limits that are reached.</summary>
    public CircuitBreakerMetrics? Breakers { get; init; }
}
