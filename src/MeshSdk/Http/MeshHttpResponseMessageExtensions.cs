namespace MeshSdk;

/// <summary>Asks a response what the mesh did for it.</summary>
public static class MeshHttpResponseMessageExtensions
{
    /// <summary>
    /// What the mesh did with the request that this answers. Null where the client does not record it
    /// (<see cref="MeshClientOptions.RecordCalls"/>) and where the request passed through.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="response"/> is null.</exception>
    public static MeshCallInfo? GetMeshCall(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.RequestMessage is { } request && request.Options.TryGetValue(MeshCallInfo.Key, out var call) ? call : null;
    }
}
