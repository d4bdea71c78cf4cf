namespace MeshSdk.Transport;

/// <summary>Hears of the connections that one handler makes. Called on whatever thread makes or closes them.</summary>
internal interface IConnectionWatch
{
    /// <summary>The handler is made.</summary>
    /// <param name="maxConnections">How many connections it was to have at most, by what the application and the client have set.</param>
    /// <param name="lifetime">How old a connection may grow until it is given no more requests; negative: as old as you like.</param>
    void Configured(int maxConnections, TimeSpan lifetime);

    /// <summary>A connection is about to be dialled. What is thrown here, the request that asked for it fails with.</summary>
    void Dialling();

    /// <summary>The other side of a connection of HTTP/2 has said how many requests it takes at once.</summary>
    void Allowed(int streams);

    /// <summary>The connection is closed, or could not be made. Called once for each <see cref="Dialling"/> that did not throw.</summary>
    void Closed();
}
