namespace MeshSdk.Transport.Lanes;

/// <summary>Sends one request over a lane of its endpoint, when there is one.</summary>
internal sealed class LaneInvoker(LaneLease lease, HttpProtocol protocol, TransportProfile profile, bool isForeign)
    : HttpMessageInvoker(Nothing, disposeHandler: false)
{
    // The base class wants one. Never called.
    private static readonly HttpMessageHandler Nothing = new SocketsHttpHandler();

    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lane = await EnterAsync(request, cancellationToken).ConfigureAwait(false);
            try
            {
                return await lane.Connections(profile).SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (LaneTakenException.IsCauseOf(e))
            {
                lease.Leave();
            }
        }
    }

    public override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lane = EnterAsync(request, cancellationToken).AsTask().GetAwaiter().GetResult();
            try
            {
                return lane.Connections(profile).Send(request, cancellationToken);
            }
            catch (Exception e) when (LaneTakenException.IsCauseOf(e))
            {
                lease.Leave();
            }
        }
    }

    private async ValueTask<Lane> EnterAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await lease.EnterAsync(LaneKey.Of(request, protocol, profile, isForeign), cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionOverflowException e)
        {
            lease.CountOverflow(e.Kind);
            throw;
        }
    }
}
