using MeshSdk.Transport;

namespace MeshSdk.Resilience.Outliers;

/// <summary>One endpoint's being left out.</summary>
/// <param name="Endpoint">Which one.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">Since when.</param>
/// <param name="Time">For how long at least, by the policy of that moment; it returns at the tick of the interval that follows.</param>
internal sealed record Ejection(EndpointState Endpoint, EjectionReason Reason, DateTimeOffset At, TimeSpan Time);
