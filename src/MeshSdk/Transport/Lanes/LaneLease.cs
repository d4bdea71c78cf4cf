namespace MeshSdk.Transport.Lanes;

/// <summary>The lease of a request that needs a connection to itself, or a share of one, and may have to wait for it. One object a request.</summary>
/// <param name="endpoint">To which the lease is.</param>
/// <param name="lanes">Its connections.</param>
/// <param name="requests">Where the request is counted as soon as it has a connection: one that waits is under way to nobody. Null: nowhere.</param>
internal sealed class LaneLease(EndpointState endpoint, EndpointLanes lanes, RequestBreaker? requests) : EndpointLease
{
    private Lane? _lane;

    public override EndpointState Endpoint => endpoint;

    public override bool IsWaiting => _lane is null;

    public override HttpMessageInvoker Connections(HttpProtocol protocol, TransportProfile profile, bool isForeign = false) =>
        new LaneInvoker(this, protocol, profile, isForeign);

    /// <summary>Waits for a connection.</summary>
    /// <exception cref="ConnectionOverflowException">As many requests wait already, or are under way, as may be.</exception>
    /// <exception cref="EndpointLeftException">The endpoint has left the mesh meanwhile.</exception>
    public ValueTask<Lane> EnterAsync(in LaneKey key, CancellationToken cancellationToken)
    {
        var entering = lanes.EnterAsync(key, requests, cancellationToken);
        return entering.IsCompletedSuccessfully ? new(_lane = entering.Result) : WaitAsync(entering);
    }

    /// <summary>Gives the connection back, if there is one.</summary>
    public void Leave()
    {
        if (_lane is { } lane)
        {
            _lane = null;
            requests?.Exit();
            lanes.Leave(lane);
        }
    }

    /// <summary>Counts that the request was not let in.</summary>
    public void CountOverflow(OverflowKind kind) => lanes.CountOverflow(kind);

    public override void Release()
    {
        Leave();
        endpoint.Release();
    }

    private async ValueTask<Lane> WaitAsync(ValueTask<Lane> entering) => _lane = await entering.ConfigureAwait(false);
}
