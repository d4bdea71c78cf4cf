using MeshSdk.Model;

namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>Hashes one part of a request, as Envoy does. Nothing is allocated for requests of the usual kind.</summary>
internal abstract class RequestHash(Random random)
{
    public static RequestHash Of(HashModel model, string? address, Random random) => model.Source switch
    {
        HashSource.None => new NoHash(random),
        HashSource.Header => new HeaderHash(model.Name, random),
        HashSource.Cookie => new CookieHash(model, random),
        HashSource.QueryParameter => new QueryHash(model.Name, random),
        _ => new AddressHash(address, random),
    };

    /// <summary>The hash of a request; chance where it lacks what is to be hashed.</summary>
    public ulong Of(in PickContext context) => TryHash(context, out var hash) ? hash : Chance();

    /// <summary>A cookie that ties a client to an endpoint from its first response on; null where none is needed.</summary>
    public virtual HashCookie? NewCookie(HttpRequestMessage request) => null;

    protected abstract bool TryHash(in PickContext context, out ulong hash);

    protected ulong Chance() => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
