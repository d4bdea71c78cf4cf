using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using MeshSdk.Resilience;
using MeshSdk.Transport;

namespace MeshSdk.Grpc.Health;

/// <summary>
/// Asks one endpoint until it leaves. What it said last holds while it cannot be asked: that there is no connection is found by calls, which go on with another
/// endpoint, and a stream that ends because a server closes old connections says nothing of its health.
/// </summary>
internal sealed class EndpointWatch(
    EndpointState endpoint, Uri called, string service, Action changed, HealthProtocol protocol, TimeProvider time, Random random) : IDisposable
{
    private const int HttpsPort = 443;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private bool _isOver;

    public void Start()
    {
        // One whose connections are made in another way from now on has the word of the one before it.
        protocol.Note(endpoint, endpoint.IsServing);

        // Nothing of the call that happens to be the first belongs to this.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(RunAsync);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            endpoint.IsServing = true;
            protocol.Note(endpoint, isServing: true);
        }

        // Elsewhere: whoever waits for the end of the stream would go on here.
        _ = _stop.CancelAsync();
    }

    private async Task RunAsync()
    {
        using var channel = GrpcChannel.ForAddress(Address(), new GrpcChannelOptions { HttpHandler = new EndpointHandler(endpoint), DisposeHttpClient = true });
        var client = new global::Grpc.Health.V1.Health.HealthClient(channel);
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            var (isHeard, status) = await FollowAsync(client).ConfigureAwait(false);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            if (status.StatusCode == StatusCode.Unimplemented)
            {
                protocol.TellUnimplemented(endpoint);
                Adopt(HealthCheckResponse.Types.ServingStatus.Serving);
                return;
            }

            failures = isHeard ? 0 : failures;
            var wait = ConnectionBackoff.Wait(failures++, random.NextDouble());
            protocol.TellLost(endpoint, wait, status);
            await Task.Delay(wait, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One stream, to its end.</summary>
    private async Task<(bool IsHeard, Status Status)> FollowAsync(global::Grpc.Health.V1.Health.HealthClient client)
    {
        var isHeard = false;
        try
        {
            using var call = client.Watch(new HealthCheckRequest { Service = service }, cancellationToken: _stop.Token);
            while (await call.ResponseStream.MoveNext(_stop.Token).ConfigureAwait(false))
            {
                isHeard = true;
                Adopt(call.ResponseStream.Current.Status);
            }

            return (isHeard, call.GetStatus());
        }
        catch (RpcException e)
        {
            return (isHeard, e.Status);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            protocol.TellFailed(endpoint, e);
            return (isHeard, new Status(StatusCode.Internal, e.Message));
        }
        catch (Exception)
        {
            return (isHeard, Status.DefaultCancelled);
        }
    }

    // What is neither said to serve nor not to, a service that the server does not know above all, does not serve.
    private void Adopt(HealthCheckResponse.Types.ServingStatus status)
    {
        var isServing = status == HealthCheckResponse.Types.ServingStatus.Serving;
        lock (_gate)
        {
            if (_isOver || endpoint.IsServing == isServing)
            {
                return;
            }

            endpoint.IsServing = isServing;
            protocol.Note(endpoint, isServing);
        }

        protocol.Tell(endpoint, isServing, status.ToString());
        changed();
    }

    // As calls are sent: HTTP/2 over the mesh's TLS is called https, and leaves out the port that each scheme leaves out.
    private Uri Address() => endpoint.Plan.Tls is null || called.Scheme == Uri.UriSchemeHttps
        ? called
        : new UriBuilder(Uri.UriSchemeHttps, called.Host, called.IsDefaultPort ? HttpsPort : called.Port).Uri;
}
