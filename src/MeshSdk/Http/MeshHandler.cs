using System.Runtime.CompilerServices;
using MeshSdk.Routing;

namespace MeshSdk.Http;

/// <summary>
/// The primary handler of a client in the mesh. Requests for a mesh service take its routes; all others go to the handler that the
/// application configured, untouched. No DelegatingHandler, and nothing a gRPC channel would recognise and take over.
/// </summary>
internal sealed class MeshHandler(MeshEngine engine, ClientSettings client, HttpMessageHandler passThrough) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _passThrough = new(passThrough);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (engine.Enabled)
        {
            if (!engine.Gate.IsOpen)
            {
                return SendWhenOpenAsync(request, cancellationToken);
            }

            if (engine.FindFrontend(request.RequestUri) is { } frontend)
            {
                return SendRoutedAsync(request, frontend, client.AllowAutoRedirect, cancellationToken).AsTask();
            }
        }

        return _passThrough.SendAsync(request, cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Looked at again after the wait: the switch may have been thrown in the meantime.
        if (engine.Enabled && engine.Gate.WaitAsync(cancellationToken).GetAwaiter().GetResult() && engine.Enabled
            && engine.FindFrontend(request.RequestUri) is { } frontend)
        {
            return SendRouted(request, frontend, client.AllowAutoRedirect, cancellationToken);
        }

        return _passThrough.Send(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendWhenOpenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        return await engine.Gate.WaitAsync(cancellationToken).ConfigureAwait(false) && engine.Enabled
            && engine.FindFrontend(request.RequestUri) is { } frontend
            ? await SendRoutedAsync(request, frontend, client.AllowAutoRedirect, cancellationToken).ConfigureAwait(false)
            : await _passThrough.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    // Pooled: the state of a request in flight would otherwise be the largest thing that the mesh allocates for it.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage> SendRoutedAsync(
        HttpRequestMessage request, Frontend frontend, bool follow, CancellationToken cancellationToken)
    {
        if (!engine.TryBegin(request, frontend, client, out var exchange))
        {
            return await _passThrough.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        HttpResponseMessage response;
        if (exchange.Reply is { } reply)
        {
            response = reply;
        }
        else
        {
            try
            {
                response = await exchange.Connections!.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                if (engine.Fail(ref exchange, e, client, cancellationToken) is not { } answer)
                {
                    throw;
                }

                return answer;
            }

            engine.Complete(ref exchange, response, client);
        }

        return follow && IsRedirect(response) ? await FollowAsync(request, response, cancellationToken).ConfigureAwait(false) : response;
    }

    private HttpResponseMessage SendRouted(HttpRequestMessage request, Frontend frontend, bool follow, CancellationToken cancellationToken)
    {
        if (!engine.TryBegin(request, frontend, client, out var exchange))
        {
            return _passThrough.Send(request, cancellationToken);
        }

        HttpResponseMessage response;
        if (exchange.Reply is { } reply)
        {
            response = reply;
        }
        else
        {
            try
            {
                // The caller may not even know that the port speaks HTTP/2, for which SocketsHttpHandler has no synchronous way.
                response = request.Version.Major < 2
                    ? exchange.Connections!.Send(request, cancellationToken)
                    : exchange.Connections!.SendAsync(request, cancellationToken).GetAwaiter().GetResult();
            }
            catch (Exception e)
            {
                if (engine.Fail(ref exchange, e, client, cancellationToken) is not { } answer)
                {
                    throw;
                }

                return answer;
            }

            engine.Complete(ref exchange, response, client);
        }

        return follow && IsRedirect(response) ? Follow(request, response, cancellationToken) : response;
    }

    private async Task<HttpResponseMessage> FollowAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        for (var hops = 0; hops < client.MaxAutomaticRedirections && NextHop(request, response) is { } next; hops++)
        {
            response.Dispose();
            request = next.Request;
            response = await SendRoutedAsync(request, next.Frontend, follow: false, cancellationToken).ConfigureAwait(false);
        }

        return response;
    }

    private HttpResponseMessage Follow(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        for (var hops = 0; hops < client.MaxAutomaticRedirections && NextHop(request, response) is { } next; hops++)
        {
            response.Dispose();
            request = next.Request;
            response = SendRouted(request, next.Frontend, follow: false, cancellationToken);
        }

        return response;
    }

    // A redirect that leads out of the mesh is the caller's to see and to judge.
    private (HttpRequestMessage Request, Frontend Frontend)? NextHop(HttpRequestMessage request, HttpResponseMessage response) =>
        Redirection.Next(request, response) is { } next && engine.FindFrontend(next.RequestUri) is { } frontend ? (next, frontend) : null;

    private static bool IsRedirect(HttpResponseMessage response) => (int)response.StatusCode is >= 300 and < 400;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _passThrough.Dispose();
        }

        base.Dispose(disposing);
    }
}
