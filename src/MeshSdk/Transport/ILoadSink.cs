using System.Net.Http.Headers;

namespace MeshSdk.Transport;

/// <summary>Hears what one endpoint says of its own load. Called on the path of requests, by many threads at once.</summary>
internal interface ILoadSink
{
    /// <summary>Headers of a response, or trailers, in which a report may stand. Never throws, whatever stands there.</summary>
    void Hear(HttpResponseHeaders headers);

    /// <summary>The endpoint was left out for a while, and may be used again: what it said before that is of another time.</summary>
    void Rejoin();
}
