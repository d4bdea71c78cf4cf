namespace MeshSdk.Routing;

/// <summary>
/// URIs that were made of others by an exchange of scheme and host, for those who call the same paths again and again: to make one costs more than all
/// else that is done to a request. Each has one place that it can be in, and takes it from whoever was there; a place is a reference, so that neither finding
/// nor keeping one takes a lock.
/// </summary>
/// <remarks>Those with a query are not kept: they are seldom asked for twice, and may hold what nobody wants to be kept.</remarks>
internal sealed class UriCache
{
    private const int Places = 64;
    private const int LongestPath = 256;

    private Uri?[]? _uris;

    /// <summary>The one that is kept, or one that is made and kept.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="host">The host, as <see cref="Uri.IdnHost"/> has it.</param>
    /// <param name="port">The port.</param>
    /// <param name="pathAndQuery">The rest.</param>
    /// <param name="create">Makes one of these.</param>
    public Uri GetOrAdd(string scheme, string host, int port, string pathAndQuery, Func<string, string, int, string, Uri> create)
    {
        if (pathAndQuery.Length > LongestPath || pathAndQuery.Contains('?', StringComparison.Ordinal))
        {
            return create(scheme, host, port, pathAndQuery);
        }

        var uris = Volatile.Read(ref _uris) ?? Interlocked.CompareExchange(ref _uris, new Uri?[Places], null) ?? _uris;
        ref var place = ref uris[(uint)string.GetHashCode(pathAndQuery, StringComparison.Ordinal) % Places];
        return Volatile.Read(ref place) is { } kept && kept.PathAndQuery == pathAndQuery && kept.IdnHost == host && kept.Port == port && kept.Scheme == scheme
            ? kept
            : place = create(scheme, host, port, pathAndQuery);
    }
}
