using System.Collections.Immutable;
using System.Text.Json;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>Reads <c>consistentHash</c>: what of a request is hashed, and over which table.</summary>
internal static class ConsistentHashReader
{
    /// <summary>The largest table that Envoy makes is no larger.</summary>
    private const int TooLargeTable = 5_000_011;

    private static readonly string[] Sources = ["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"];

    /// <param name="block">Exists.</param>
    public static CompiledBalancer Read(PolicyBlock block)
    {
        block = block.Mapping().OnlyKnown([.. Sources, "ringHash", "maglev", "minimumRingSize"]);
        if (!block.Exists)
        {
            return CompiledBalancer.Default;
        }

        var maglev = block.Block("maglev").OnlyKnown("tableSize");
        var kind = maglev.Exists ? LoadBalancerKind.Maglev : LoadBalancerKind.RingHash;
        if (Source(block) is not { } hash)
        {
            block.Ignored($"none of {string.Join(", ", Sources)} says what is hashed, so that endpoints are chosen at random");
            hash = new HashModel(HashSource.None, "");
        }

        return new CompiledBalancer(
            kind,
            kind == LoadBalancerKind.Maglev ? hash with { TableSize = TableSize(maglev) } : hash with { RingSize = RingSize(block) },
            null);
    }

    private static HashModel? Source(PolicyBlock block)
    {
        // A text of no length and a false are how a field of such a type is written that is not set.
        var stated = Sources.Where(name => block.Member(name).Json is { ValueKind: not JsonValueKind.False } json
            && (json.ValueKind != JsonValueKind.String || json.GetString()?.Length > 0)).ToArray();
        if (stated.Length > 1)
        {
            block.Member(stated[1]).Fault($"{string.Join(" and ", stated)} exclude each other; {stated[0]} is used");
        }

        return stated.FirstOrDefault() switch
        {
            "httpHeaderName" when block.Word("httpHeaderName") is { } header => new HashModel(HashSource.Header, header),
            "httpQueryParameterName" when block.Word("httpQueryParameterName") is { } parameter => new HashModel(HashSource.QueryParameter, parameter),
            "useSourceIp" when block.Flag("useSourceIp") == true => new HashModel(HashSource.SourceAddress, ""),
            "httpCookie" => Cookie(block.Block("httpCookie").OnlyKnown("name", "path", "ttl", "attributes")),
            _ => null,
        };
    }

    private static HashModel? Cookie(PolicyBlock cookie)
    {
        if (cookie.Word("name") is not { } name)
        {
            if (cookie.Exists)
            {
                cookie.Member("name").Fault("a cookie needs its name");
            }

            return null;
        }

        if (!IsCookieText(name) || name.Contains('='))
        {
            cookie.Member("name").Fault("a cookie cannot have this name");
            return null;
        }

        var path = cookie.Word("path");
        if (path is not null && !IsCookieText(path))
        {
            cookie.Member("path").Fault("a cookie cannot have this path, and has none");
            path = null;
        }

        return new HashModel(HashSource.Cookie, name)
        {
            Ttl = cookie.Duration("ttl", TimeSpan.Zero),
            Path = path,
            Attributes = Attributes(cookie),
        };
    }

    private static ImmutableArray<(string Name, string Value)> Attributes(PolicyBlock cookie)
    {
        var attributes = ImmutableArray.CreateBuilder<(string Name, string Value)>();
        foreach (var item in cookie.Items("attributes"))
        {
            if (item.Mapping() is not { Exists: true } attribute)
            {
                continue;
            }

            attribute.OnlyKnown("name", "value");
            if (attribute.Word("name") is not { } name)
            {
                attribute.Member("name").Fault("an attribute needs its name, and is left out");
            }
            else if (attributes.Any(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                attribute.Member("name").Fault($"'{name}' comes twice; the first one is used");
            }
            else if (attribute.Word("value") is var value && (!IsCookieText(name) || name.Contains('=') || !IsCookieText(value ?? "")))
            {
                attribute.Fault("it cannot be written into a cookie, and is left out");
            }
            else
            {
                attributes.Add((name, value ?? ""));
            }
        }

        return attributes.ToImmutable();
    }

    /// <summary>A text that ends neither what it is written into nor the header that holds it.</summary>
    private static bool IsCookieText(string text) => text.All(static character => character is > ' ' and < '\u007f' and not (';' or ','));

    private static int TableSize(PolicyBlock maglev)
    {
        if (maglev.Limit("tableSize", ulong.MaxValue) is not { } size)
        {
            return HashModel.DefaultTableSize;
        }

        if (size < TooLargeTable && IsPrime(size))
        {
            return size;
        }

        maglev.Member("tableSize").Fault($"{maglev.Member("tableSize").Json} is no prime below {TooLargeTable}; {HashModel.DefaultTableSize} is used");
        return HashModel.DefaultTableSize;
    }

    private static int RingSize(PolicyBlock block)
    {
        var (ring, former) = (block.Block("ringHash").OnlyKnown("minimumRingSize"), block.Member("minimumRingSize"));
        if (former.Exists && ring.Exists)
        {
            former.Ignored("ringHash takes its place");
        }

        var owner = ring.Exists ? ring : block;
        switch (owner.Limit("minimumRingSize", ulong.MaxValue))
        {
            case null:
                return HashModel.DefaultRingSize;
            case > HashModel.LargestRing:
                owner.Member("minimumRingSize").Fault($"{owner.Member("minimumRingSize").Json} is more than the {HashModel.LargestRing} that a ring can have, which are used");
                return HashModel.LargestRing;
            case var size:
                return size.Value;
        }
    }

    private static bool IsPrime(int number)
    {
        if (number < 4)
        {
            return number > 1;
        }

        for (var divisor = 2; divisor <= number / divisor; divisor++)
        {
            if (number % divisor == 0)
            {
                return false;
            }
        }

        return true;
    }
}
