using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>Chooses among the endpoints that it was made for, of which there is at least one. For many threads at once.</summary>
internal abstract class EndpointPicker
{
    // So often the policy itself is asked for another endpoint, which nearly always succeeds; then one is looked for.
    private const int Asks = 3;

    /// <summary>Where a policy that takes turns is; handed on to the picker that takes this one's place.</summary>
    public virtual Rotation? Rotation => null;

    /// <param name="hash">Of the request; looked at by policies that hash only.</param>
    public abstract EndpointState Pick(ulong hash);

    /// <summary>Chooses an endpoint that a request was not sent to yet.</summary>
    /// <returns>Null where there is none.</returns>
    public abstract EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried);

    /// <summary>What <see cref="PickOther"/> does where the policy has no order of its own in which endpoints follow one another.</summary>
    protected EndpointState? PickFrom(EndpointState[] endpoints, ulong hash, IReadOnlyList<EndpointState> tried)
    {
        var pick = Pick(hash);
        for (var i = 1; i < Asks && tried.Contains(pick); i++)
        {
            pick = Pick(hash);
        }

        var start = Array.IndexOf(endpoints, pick);
        for (var i = 0; i < endpoints.Length; i++)
        {
            var endpoint = endpoints[(start + i) % endpoints.Length];
            if (!tried.Contains(endpoint))
            {
                return endpoint;
            }
        }

        return null;
    }
}
