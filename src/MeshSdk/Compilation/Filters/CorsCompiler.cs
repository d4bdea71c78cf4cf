using System.Collections.Immutable;
using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Filters;

/// <summary>
/// Compiles what browsers are told. It grants something, so that what cannot be read is left out, and no request fails by it.
/// </summary>
internal static class CorsCompiler
{
    public static CorsFilter Compile(HttpCorsFilter? source, FilterSite site)
    {
        const string Stanza = ".cors";
        if (source is null)
        {
            site.Drop(Stanza, "the filter says nothing; cors is missing", "no origin is allowed anything");
            return new CorsFilter();
        }

        var origins = ImmutableArray.CreateBuilder<CorsOrigin>();
        var written = source.AllowOrigins.OrEmpty();
        for (var i = 0; i < written.Length; i++)
        {
            if (CorsOrigin.TryParse(written[i], out var origin))
            {
                origins.Add(origin);
            }
            else
            {
                site.Drop($"{Stanza}.allowOrigins[{i}]", "it is no origin such as https://*.example.com or *", "it allows nobody anything");
            }
        }

        if (source.MaxAge is < 1)
        {
            site.Drop($"{Stanza}.maxAge", string.Create(CultureInfo.InvariantCulture, $"{source.MaxAge} is no number of seconds from 1 on"), "5 is assumed");
        }

        var cors = new CorsFilter
        {
            AllowOrigins = origins.DrainToImmutable(),
            AllowMethods = Names(source.AllowMethods.OrEmpty(), "allowMethods"),
            AllowHeaders = Names(source.AllowHeaders.OrEmpty(), "allowHeaders"),
            ExposeHeaders = Names(source.ExposeHeaders.OrEmpty(), "exposeHeaders"),
            AllowCredentials = source.AllowCredentials ?? false,
        };
        return source.MaxAge is >= 1 and var seconds ? cors with { MaxAge = TimeSpan.FromSeconds(seconds) } : cors;

        // Methods are tokens as well.
        ImmutableArray<string> Names(ImmutableArray<string> names, string field)
        {
            for (var i = 0; i < names.Length; i++)
            {
                if (!HeaderSyntax.IsToken(names[i]))
                {
                    site.Drop($"{Stanza}.{field}[{i}]", "it is no name", "it is left out");
                }
            }

            return names.RemoveAll(static name => !HeaderSyntax.IsToken(name));
        }
    }
}
