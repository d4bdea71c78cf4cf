using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>Decides how the endpoints behind one port of a service are spoken to.</summary>
internal abstract class PortTls
{
    /// <summary>How all of them are, but for what <see cref="Decide"/> finds out of each.</summary>
    public abstract TlsMode Mode { get; }

    /// <summary>Why the address of the service may not be called in the place of endpoints, for people; null where it may be, by <see cref="Mode"/>.</summary>
    /// <param name="arePlain">Whether there were endpoints when they were last heard of, all of them spoken to in plaintext.</param>
    public virtual string? WhyNoStandIn(bool arePlain) => null;

    /// <summary>Called once for each endpoint.</summary>
    /// <param name="sighting">The endpoint as its slice has it.</param>
    /// <param name="pod">The pod behind it, as far as one is known.</param>
    public abstract EndpointTlsDecision Decide(in SliceSighting sighting, Pod? pod);

    /// <summary>Decides what can be told only of all of them together. Called once, after the last one.</summary>
    public virtual void Settle(Span<EndpointTlsDecision> decisions)
    {
    }

    /// <summary>What holds for those that are not spoken to in plaintext; null where all are.</summary>
    public abstract ClusterTls? Of(ImmutableArray<EndpointModel> endpoints);
}

/// <summary>The same for all endpoints, whoever they are.</summary>
/// <param name="mode">How they are spoken to.</param>
/// <param name="reason">Why, for people.</param>
/// <param name="tls">Null with <see cref="TlsMode.None"/>.</param>
internal sealed class UniformTls(TlsMode mode, string reason, ClusterTls? tls) : PortTls
{
    public override TlsMode Mode => mode;

    public override EndpointTlsDecision Decide(in SliceSighting sighting, Pod? pod) => new(mode, reason);

    public override ClusterTls? Of(ImmutableArray<EndpointModel> endpoints) => tls;
}
