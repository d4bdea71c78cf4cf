using System.Collections.Immutable;
using MeshSdk.Compilation.Filters;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>What a list of filters comes to. One that cannot be carried out fails the whole list.</summary>
internal readonly record struct CompiledFilters(ImmutableArray<RouteFilter> Filters, RouteFailure? Failure);

/// <summary>
/// Compiles filters. One that cannot be carried out must never be skipped: what it was to do may be what makes the call safe.
/// </summary>
internal sealed class FilterCompiler(DiagnosticList diagnostics, ReferenceResolver references, ExtensionFilters extensions)
{
    private readonly MirrorCompiler _mirrors = new(references);
    private readonly ExtensionCompiler _extensions = new(extensions);

    /// <param name="route">Whose filters they are. Its kind says which types it may have.</param>
    /// <param name="filters">As written.</param>
    /// <param name="path">Where in the route the list stands.</param>
    /// <param name="prefix">The prefix that the rule matches, where it matches just one; see <see cref="PathRewrite.Prefix"/>.</param>
    /// <param name="subject">What is answered with an error where the filters cannot be carried out: the rule, or a share of its requests.</param>
    public CompiledFilters Compile(Resource route, ImmutableArray<HttpRouteFilter> filters, string path, string? prefix, string subject)
    {
        if (filters.IsEmpty)
        {
            return new CompiledFilters([], null);
        }

        RouteFailure? failure = null;
        var compiled = ImmutableArray.CreateBuilder<RouteFilter>(filters.Length);
        var types = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < filters.Length; i++)
        {
            var site = new FilterSite(diagnostics, route, $"{path}[{i}]", prefix, subject);
            var type = filters[i]?.Type ?? "";
            if (ConflictOf(type, types) is { } conflict)
            {
                site.Fail("", conflict, DiagnosticCode.IncompatibleFilters);
            }
            else
            {
                compiled.AddRange(Compile(filters[i], type, site));
            }

            types.Add(type);
            failure ??= site.Failure;
        }

        if (failure is not null)
        {
            return new CompiledFilters([], failure);
        }

        if (compiled.Any(static filter => filter is RedirectFilter))
        {
            ReportMirrors(route, filters, path);
            compiled.RemoveAll(static filter => filter is MirrorFilter);
        }

        return new CompiledFilters(compiled.DrainToImmutable(), null);
    }

    private void ReportMirrors(Resource route, ImmutableArray<HttpRouteFilter> filters, string path)
    {
        for (var i = 0; i < filters.Length; i++)
        {
            if (filters[i].Type == FilterTypes.RequestMirror)
            {
                diagnostics.Warning(
                    route, DiagnosticCode.Ignored, $"{path}[{i}]",
                    "the redirect of the same list answers every request, so that nothing is forwarded and nothing mirrored; remove one of the two");
            }
        }
    }

    private RouteFilter[] Compile(HttpRouteFilter source, string type, FilterSite site)
    {
        if (!FilterTypes.AllowedIn(site.Route.Kind).Contains(type))
        {
            site.Fail("", $"a filter of type '{type}' is not supported in {site.Route.Kind} by this version and must not be skipped");
            return [];
        }

        return type switch
        {
            FilterTypes.RequestHeaderModifier => [.. HeaderModifierCompiler.Compile(source.RequestHeaderModifier, HeaderDirection.Request, site)],
            FilterTypes.ResponseHeaderModifier => [.. HeaderModifierCompiler.Compile(source.ResponseHeaderModifier, HeaderDirection.Response, site)],
            FilterTypes.RequestRedirect => One(UrlCompiler.CompileRedirect(source.RequestRedirect, site)),
            FilterTypes.UrlRewrite => One(UrlCompiler.CompileRewrite(source.UrlRewrite, site)),
            FilterTypes.RequestMirror => One(_mirrors.Compile(source.RequestMirror, site)),
            FilterTypes.Cors => One(CorsCompiler.Compile(source.Cors, site)),
            _ => One(_extensions.Compile(source.ExtensionRef, site)),
        };
    }

    private static RouteFilter[] One(RouteFilter? filter) => filter is null ? [] : [filter];

    /// <summary>What keeps a type from standing beside those before it.</summary>
    private static string? ConflictOf(string type, HashSet<string> before) => type switch
    {
        FilterTypes.RequestRedirect when before.Contains(FilterTypes.UrlRewrite) => "a redirect cannot be combined with a rewrite; a redirect can change host and path itself",
        FilterTypes.UrlRewrite when before.Contains(FilterTypes.RequestRedirect) => "a rewrite cannot be combined with a redirect, which can change host and path itself",
        _ when !FilterTypes.MayRepeat(type) && before.Contains(type) => $"there can be one filter of type '{type}' in a list",
        _ => null,
    };
}
