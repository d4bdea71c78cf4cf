using System.Runtime.CompilerServices;
using MeshSdk.Http.Rpc;
using MeshSdk.Routing;
using MeshSdk.Transport;

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

            if (!engine.PassesThrough(request.RequestUri))
            {
                return FindAndSendAsync(request, cancellationToken);
            }

            engine.Unserved?.Notice(request.RequestUri);
        }

        return _passThrough.SendAsync(request, cancellationToken);
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Looked at again after the wait: the switch may have been thrown in the meantime.
        return engine.Enabled && engine.Gate.WaitAsync(cancellationToken).GetAwaiter().GetResult() && engine.Enabled
            ? Send(request, engine.Find(request.RequestUri, cancellationToken), client.AllowAutoRedirect, cancellationToken)
            : _passThrough.Send(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendWhenOpenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        return await engine.Gate.WaitAsync(cancellationToken).ConfigureAwait(false) && engine.Enabled
            ? await FindAndSendAsync(request, cancellationToken).ConfigureAwait(false)
            : await _passThrough.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> FindAndSendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var target = await engine.FindAsync(request.RequestUri, cancellationToken).ConfigureAwait(false);
        return await SendAsync(request, target, client.AllowAutoRedirect, cancellationToken).ConfigureAwait(false);
    }

    // Its rule went out of force, perhaps with the mesh: a call that waits until it can be sent may have waited for long.
    private async ValueTask<HttpResponseMessage> SendAnewAsync(
        HttpRequestMessage request, Frontend frontend, bool follow, CancellationToken cancellationToken)
    {
        try
        {
            return engine.Gate.IsOpen || await engine.Gate.WaitAsync(cancellationToken).ConfigureAwait(false)
                ? await SendAsync(request, new CallTarget(frontend), follow, cancellationToken).ConfigureAwait(false)
                : await _passThrough.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            GrpcTimeout.Restore(request);
        }
    }

    // That there is a frontend does not mean that there was no wait before.
    private ValueTask<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CallTarget target, bool follow, CancellationToken cancellationToken) => target switch
        {
            _ when !engine.Enabled => new(_passThrough.SendAsync(request, cancellationToken)),
            { Frontend: { } frontend } => SendRoutedAsync(request, frontend, follow, cancellationToken),
            { Refusal: { } refusal } => new(engine.Refuse(request, refusal, client)),
            _ => new(_passThrough.SendAsync(request, cancellationToken)),
        };

    private HttpResponseMessage Send(HttpRequestMessage request, CallTarget target, bool follow, CancellationToken cancellationToken) => target switch
    {
        _ when !engine.Enabled => _passThrough.Send(request, cancellationToken),
        { Frontend: { } frontend } => SendRouted(request, frontend, follow, cancellationToken),
        { Refusal: { } refusal } => engine.Refuse(request, refusal, client),
        _ => _passThrough.Send(request, cancellationToken),
    };

    // Pooled: the state of a request in flight would otherwise be the largest thing that the mesh allocates for it.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage> SendRoutedAsync(
        HttpRequestMessage request, Frontend frontend, bool follow, CancellationToken cancellationToken)
    {
        if (!engine.TryBegin(request, frontend, client, out var exchange))
        {
            // It has just left the mesh, and is not to be found there any more. What was loaded on demand is demanded anew.
            var next = await engine.FindAsync(request.RequestUri, cancellationToken).ConfigureAwait(false);
            return await SendAsync(request, next, follow, cancellationToken).ConfigureAwait(false);
        }

        var response = exchange.Reply;
        if (exchange.Connections is { } connections)
        {
            try
            {
                response = await connections.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (EndpointLeftException)
            {
                MeshEngine.Withdraw(ref exchange);
                return await SendRoutedAsync(request, frontend, follow, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                if (!engine.TryMoveOn(ref exchange, e, frontend, client, cancellationToken)
                    && engine.Fail(ref exchange, e, client, cancellationToken) is null)
                {
                    throw;
                }

                response = exchange.Reply;
            }

            if (exchange is { Call: null, Reply: null })
            {
                engine.Complete(ref exchange, response!, client);
            }
        }

        if (exchange.Call is { } call)
        {
            response = await call.SendAsync(cancellationToken).ConfigureAwait(false);
            if (response is null)
            {
                return await SendAnewAsync(request, frontend, follow, cancellationToken).ConfigureAwait(false);
            }
        }

        return follow && IsRedirect(response!) ? await FollowAsync(request, response!, cancellationToken).ConfigureAwait(false) : response!;
    }

    private HttpResponseMessage SendRouted(HttpRequestMessage request, Frontend frontend, bool follow, CancellationToken cancellationToken)
    {
        if (!engine.TryBegin(request, frontend, client, out var exchange))
        {
            return Send(request, engine.Find(request.RequestUri, cancellationToken), follow, cancellationToken);
        }

        HttpResponseMessage response;
        if (exchange.Reply is { } reply)
        {
            response = reply;
        }
        else if (exchange.Call is { } call)
        {
            if (call.Send(cancellationToken) is not { } answer)
            {
                return engine.Gate.IsOpen || engine.Gate.WaitAsync(cancellationToken).GetAwaiter().GetResult()
                    ? Send(request, new CallTarget(frontend), follow, cancellationToken)
                    : _passThrough.Send(request, cancellationToken);
            }

            response = answer;
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
            catch (EndpointLeftException)
            {
                MeshEngine.Withdraw(ref exchange);
                return SendRouted(request, frontend, follow, cancellationToken);
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
        for (var hops = 0; hops < client.MaxAutomaticRedirections && Redirection.Next(request, response) is { } next; hops++)
        {
            CallTarget target;
            try
            {
                target = await engine.FindAsync(next.RequestUri, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                response.Dispose();
                throw;
            }

            if (target.PassesThrough)
            {
                // It leads out of the mesh: the caller's to see and to judge.
                break;
            }

            response.Dispose();
            request = next;
            response = await SendAsync(request, target, follow: false, cancellationToken).ConfigureAwait(false);
        }

        return response;
    }

    private HttpResponseMessage Follow(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        for (var hops = 0; hops < client.MaxAutomaticRedirections && Redirection.Next(request, response) is { } next; hops++)
        {
            CallTarget target;
            try
            {
                target = engine.Find(next.RequestUri, cancellationToken);
            }
            catch
            {
                response.Dispose();
                throw;
            }

            if (target.PassesThrough)
            {
                break;
            }

            response.Dispose();
            request = next;
            response = Send(request, target, follow: false, cancellationToken);
        }

        return response;
    }

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
