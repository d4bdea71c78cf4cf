using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Filters;

/// <summary>Compiles redirects and rewrites.</summary>
internal static class UrlCompiler
{
    private const int Found = 302;

    public static RedirectFilter? CompileRedirect(HttpRequestRedirectFilter? source, FilterSite site)
    {
        const string Stanza = ".requestRedirect";
        if (source is null)
        {
            site.Fail(Stanza, "the filter says nothing; requestRedirect is missing");
            return null;
        }

        if (source.Scheme is not (null or "http" or "https"))
        {
            site.Fail($"{Stanza}.scheme", $"'{source.Scheme}' is neither http nor https");
        }

        if (source.Port is < 1 or > 65535)
        {
            site.Fail($"{Stanza}.port", $"{source.Port} is no port");
        }

        if (source.StatusCode is not (null or 301 or 302 or 303 or 307 or 308))
        {
            site.Fail($"{Stanza}.statusCode", $"{source.StatusCode} is none of 301, 302, 303, 307 and 308");
        }

        var host = Host(source.Hostname, site, Stanza);
        var path = PathModifierCompiler.Compile(source.Path, site, $"{Stanza}.path");
        return site.Failure is null ? new RedirectFilter(source.Scheme, host, source.Port, path, source.StatusCode ?? Found) : null;
    }

    public static RewriteFilter? CompileRewrite(HttpUrlRewriteFilter? source, FilterSite site)
    {
        const string Stanza = ".urlRewrite";
        if (source is null)
        {
            site.Fail(Stanza, "the filter says nothing; urlRewrite is missing");
            return null;
        }

        var host = Host(source.Hostname, site, Stanza);
        var path = PathModifierCompiler.Compile(source.Path, site, $"{Stanza}.path");
        return site.Failure is null ? new RewriteFilter(host, path) : null;
    }

    private static string? Host(string? host, FilterSite site, string stanza)
    {
        if (host is not null && !HostSyntax.IsName(host))
        {
            site.Fail($"{stanza}.hostname", "it is no host name; wildcards and ports have no place here");
        }

        return host;
    }
}
