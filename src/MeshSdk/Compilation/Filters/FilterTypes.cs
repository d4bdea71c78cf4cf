using System.Collections.Frozen;

namespace MeshSdk.Compilation.Filters;

/// <summary>The words of a filter's <c>type</c>, and which kind of route may have which.</summary>
internal static class FilterTypes
{
    public const string RequestHeaderModifier = "RequestHeaderModifier";
    public const string ResponseHeaderModifier = "ResponseHeaderModifier";
    public const string RequestRedirect = "RequestRedirect";
    public const string UrlRewrite = "URLRewrite";
    public const string RequestMirror = "RequestMirror";
    public const string Cors = "CORS";
    public const string ExtensionRef = "ExtensionRef";

    private static readonly FrozenSet<string> Http =
        FrozenSet.Create(RequestHeaderModifier, ResponseHeaderModifier, RequestRedirect, UrlRewrite, RequestMirror, Cors, ExtensionRef);

    // What HTTP says of paths, hosts and browsers has no meaning in gRPC.
    private static readonly FrozenSet<string> Grpc = FrozenSet.Create(RequestHeaderModifier, ResponseHeaderModifier, RequestMirror, ExtensionRef);

    /// <summary>Those that a kind of route may have.</summary>
    public static FrozenSet<string> AllowedIn(string routeKind) => routeKind == "GRPCRoute" ? Grpc : Http;

    /// <summary>Whether a list may hold several of them.</summary>
    public static bool MayRepeat(string type) => type is RequestMirror or ExtensionRef;
}
