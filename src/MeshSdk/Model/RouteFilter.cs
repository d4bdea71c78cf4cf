using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>Something that a rule or a backend does to requests or responses. Filters run in the order written; a backend's follow its rule's.</summary>
internal abstract record RouteFilter;

/// <summary>Which way the headers go that a filter changes.</summary>
internal enum HeaderDirection
{
    Request,
    Response,
}

/// <summary>Changes headers: first sets, then adds, then removes. No name stands twice.</summary>
internal sealed record HeaderFilter(
    HeaderDirection Direction, ImmutableArray<HeaderValue> Set, ImmutableArray<HeaderValue> Add, ImmutableArray<string> Remove) : RouteFilter;

/// <summary>A header as written.</summary>
internal readonly record struct HeaderValue(string Name, string Value);

/// <summary>Sends the request under another Host or to another path. What is dialled stays the same.</summary>
internal sealed record RewriteFilter(string? Host, PathRewrite? Path) : RouteFilter;

/// <summary>Answers with a redirect. Null: as in the request.</summary>
internal sealed record RedirectFilter(string? Scheme, string? Host, int? Port, PathRewrite? Path, int Status) : RouteFilter;

/// <summary>A new path; the query stays.</summary>
/// <param name="Prefix">The prefix that <paramref name="Value"/> takes the place of, without a trailing slash; null: the whole path is replaced.</param>
/// <param name="Value">What takes its place.</param>
internal sealed record PathRewrite(string? Prefix, string Value);

/// <summary>Sends a copy of some requests elsewhere, and forgets the answer.</summary>
/// <param name="Target">An invalid one is mirrored to no longer; the request itself is not touched by that.</param>
/// <param name="Numerator">How many requests of <paramref name="Denominator"/> are copied.</param>
/// <param name="Denominator">At least 1.</param>
internal sealed record MirrorFilter(BackendModel Target, int Numerator, int Denominator) : RouteFilter;

/// <summary>Answers preflight requests, and tells browsers what a response may be used for. In lists of names <c>*</c> stands for all.</summary>
internal sealed record CorsFilter : RouteFilter
{
    public const string All = "*";

    public ImmutableArray<CorsOrigin> AllowOrigins { get; init; } = [];

    public ImmutableArray<string> AllowMethods { get; init; } = [];

    public ImmutableArray<string> AllowHeaders { get; init; } = [];

    public ImmutableArray<string> ExposeHeaders { get; init; } = [];

    public bool AllowCredentials { get; init; }

    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>A filter of the application's own, which a route refers to.</summary>
/// <param name="Filter">What it does.</param>
/// <param name="Reference">Which object the route names.</param>
internal sealed record ExtensionFilter(SharedFilter Filter, MeshFilterReference Reference) : RouteFilter;
