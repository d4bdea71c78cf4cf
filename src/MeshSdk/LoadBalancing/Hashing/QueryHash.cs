namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>Hashes the first value of a query parameter, as it stands in the URI: what is escaped stays so. Without a value it is empty.</summary>
internal sealed class QueryHash(string name, Random random) : RequestHash(random)
{
    protected override bool TryHash(in PickContext context, out ulong hash)
    {
        var query = context.Request.RequestUri!.PathAndQuery.AsSpan();
        for (var at = query.IndexOf('?') + 1; at > 0 && at < query.Length;)
        {
            var parameter = query[at..];
            var end = parameter.IndexOf('&');
            parameter = end < 0 ? parameter : parameter[..end];
            var equals = parameter.IndexOf('=');
            if ((equals < 0 ? parameter : parameter[..equals]).SequenceEqual(name))
            {
                hash = XxHash.Of(equals < 0 ? [] : parameter[(equals + 1)..]);
                return true;
            }

            at += parameter.Length + 1;
        }

        hash = 0;
        return false;
    }
}
