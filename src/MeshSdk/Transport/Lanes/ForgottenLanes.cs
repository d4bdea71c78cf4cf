namespace MeshSdk.Transport.Lanes;

/// <summary>
/// Hangs on a client's profile, and dies with it: then the lanes that the endpoint has for that client are of use to nobody, and their idle connections
/// would be counted and kept open until a timeout that may be none.
/// </summary>
/// <param name="lanes">Weak, for a client that lives on must not keep an endpoint that has left. Held by the endpoint too, or it might be finalized first.</param>
internal sealed class ForgottenLanes(WeakReference<EndpointLanes> lanes)
{
    // A handler may be one of the application's own, which has no business on the finalizer thread.
    ~ForgottenLanes()
    {
        if (lanes.TryGetTarget(out var living))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static endpoint => Close(endpoint), living, preferLocal: false);
        }
    }

    private static void Close(EndpointLanes endpoint)
    {
        try
        {
            endpoint.CloseForgotten();
        }
#pragma warning disable CA1031 // Nobody is there to be told, and it must not end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
