using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using MeshSdk.Identity.Certificates;

namespace MeshSdk.Identity.Spiffe;

/// <summary>
/// The identity that a SPIFFE Workload API gives this process, in a stream of which each message replaces all before. The stream is opened again whenever it ends,
/// for ever: also where the agent knows no identity for the process, for it may be registered later.
/// </summary>
internal sealed class SpiffeSource(SpiffeSettings settings, TimeProvider time, Random random) : ICertificateSource
{
    public string Name => $"SPIFFE Workload API at {RemoteText.Clean(settings.Endpoint)}";

    public async Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var endpoint = WorkloadEndpoint.Parse(settings.Endpoint
            ?? throw new IdentitySourceException($"no address of a SPIFFE Workload API is given: set {SpiffeSettings.EndpointVariable}, or the option Endpoint"));
        var adoption = new SvidAdoption(settings.Hint, time, sink, Name);
        var backoff = new StreamBackoff(random);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            adoption.Fail(await FollowAsync(endpoint, adoption, backoff, cancellationToken).ConfigureAwait(false));
            await Task.Delay(backoff.Next(), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Why the stream ended.</returns>
    private async Task<IdentitySourceException> FollowAsync(EndPoint endpoint, SvidAdoption adoption, StreamBackoff backoff, CancellationToken cancellationToken)
    {
        using var channel = new WorkloadChannel(endpoint, settings.PingDelay, settings.PingTimeout);
        using var silence = new CancellationTokenSource(settings.FirstMessageTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            using var call = channel.Fetch(either.Token);
            while (await call.ResponseStream.MoveNext(either.Token).ConfigureAwait(false))
            {
                silence.CancelAfter(Timeout.InfiniteTimeSpan);
                backoff.Reset();
                adoption.Take(call.ResponseStream.Current);
            }

            return new IdentitySourceException($"{Name} ended the stream; it is opened again");
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            // A stream that is given up here ends as one that the agent gives up.
            cancellationToken.ThrowIfCancellationRequested();
            return exception is RpcException failure && !silence.IsCancellationRequested
                ? Explain(failure)
                : new IdentitySourceException($"{Name} has sent nothing within {settings.FirstMessageTimeout.TotalSeconds:0} s; it is asked again");
        }
    }

    private IdentitySourceException Explain(RpcException exception)
    {
        if (exception.Status.DebugException?.GetBaseException() is SocketException unreachable)
        {
            return new IdentitySourceException($"{Name} cannot be reached: {unreachable.Message}. Is its socket mounted, and does the agent run on this node?");
        }

        var detail = RemoteText.Clean(exception.Status.Detail);
        return new IdentitySourceException(exception.StatusCode switch
        {
            StatusCode.PermissionDenied =>
                $"{Name} knows no identity for this process yet ({detail}): is there a registration entry (with SPIRE a ClusterSPIFFEID) that fits its pod?",
            StatusCode.InvalidArgument or StatusCode.Unimplemented => $"{Name} does not take the request, so it may be something else that listens there: {detail}",
            var status => $"{Name} failed with {status}: {detail}",
        });
    }
}
