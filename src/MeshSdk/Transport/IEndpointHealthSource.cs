namespace MeshSdk.Transport;

/// <summary>Asks endpoints that the control plane calls ready whether they serve. For any thread.</summary>
internal interface IEndpointHealthSource
{
    /// <summary>The endpoints that are watched now and say that they do not serve.</summary>
    IReadOnlyCollection<EndpointState> NotServing { get; }

    /// <summary>Follows one endpoint, and writes what it says into <see cref="EndpointState.IsServing"/>. Returns at once, and asks later.</summary>
    /// <param name="endpoint">Whom to ask, over its own connections. No request of the application: it takes no lease.</param>
    /// <param name="called">What it is called as: scheme, name and port, before the mesh lays TLS over the connection.</param>
    /// <param name="changed">Called on every change, by no thread that calls this.</param>
    /// <returns>Disposed of when the endpoint has left, or is no longer called ready: it counts as serving from then on.</returns>
    IDisposable Watch(EndpointState endpoint, Uri called, Action changed);
}
