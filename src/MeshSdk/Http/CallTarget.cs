using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.Http;

/// <summary>Where a call is bound: into the mesh, or to an answer at once. The default is neither: it passes through.</summary>
internal readonly record struct CallTarget(Frontend? Frontend, OutboundRefusal? Refusal = null)
{
    public bool PassesThrough => Frontend is null && Refusal is null;
}

/// <summary>The answer to a call that no frontend was found for, and that must not pass through.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Flags">See <see cref="Telemetry.ResponseFlags"/>.</param>
/// <param name="Destination">What telemetry counts the call for.</param>
/// <param name="Reason">For people, in one sentence.</param>
internal sealed record OutboundRefusal(int Status, string Flags, ClusterId Destination, string Reason);
