using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources;

internal sealed record HttpRoute : RouteResource
{
    public override string Group => "gateway.networking.k8s.io";
    public override string Kind => "HTTPRoute";

    public HttpRouteSpec Spec { get; init => field = value ?? new(); } = new();

    [JsonIgnore]
    public override ImmutableArray<ParentReference> Parents => Spec.ParentRefs.OrEmpty();

    [JsonIgnore]
    public override ImmutableArray<RouteRuleResource> WrittenRules => ImmutableArray<RouteRuleResource>.CastUp(Spec.Rules.OrEmpty());

    [JsonIgnore]
    public override ImmutableArray<string> WrittenHostnames => Spec.Hostnames.OrEmpty();
}

internal sealed record HttpRouteSpec
{
    public ImmutableArray<ParentReference>? ParentRefs { get; init; }

    public ImmutableArray<string>? Hostnames { get; init; }

    /// <summary>Unset means one rule that matches everything and has no backends.</summary>
    public ImmutableArray<HttpRouteRule>? Rules { get; init; }
}

internal sealed record ParentReference
{
    /// <summary>Unset means <c>gateway.networking.k8s.io</c>; a Service parent states the empty group.</summary>
    public string? Group { get; init; }

    /// <summary>Unset means <c>Gateway</c>.</summary>
    public string? Kind { get; init; }

    public string? Namespace { get; init; }

    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The name of a Service port.</summary>
    public string? SectionName { get; init; }

    public int? Port { get; init; }
}

internal sealed record HttpRouteRule : RouteRuleResource
{
    public ImmutableArray<HttpRouteMatch>? Matches { get; init; }

    public HttpRouteTimeouts? Timeouts { get; init; }

    public HttpRouteRetry? Retry { get; init; }
}

internal sealed record HttpRouteMatch
{
    public HttpPathMatch? Path { get; init; }

    public ImmutableArray<HttpValueMatch>? Headers { get; init; }

    public ImmutableArray<HttpValueMatch>? QueryParams { get; init; }

    public string? Method { get; init; }
}

internal sealed record HttpPathMatch
{
    /// <summary>Exact, PathPrefix (unset) or RegularExpression.</summary>
    public string? Type { get; init; }

    public string? Value { get; init; }
}

/// <summary>A header or query parameter match.</summary>
internal sealed record HttpValueMatch
{
    /// <summary>Exact (unset) or RegularExpression.</summary>
    public string? Type { get; init; }

    public string Name { get; init => field = value ?? ""; } = "";

    public string Value { get; init => field = value ?? ""; } = "";
}

internal sealed record HttpRouteFilter
{
    public string Type { get; init => field = value ?? ""; } = "";

    public HttpHeaderFilter? RequestHeaderModifier { get; init; }

    public HttpHeaderFilter? ResponseHeaderModifier { get; init; }

    public HttpRequestRedirectFilter? RequestRedirect { get; init; }

    public HttpUrlRewriteFilter? UrlRewrite { get; init; }

    public HttpRequestMirrorFilter? RequestMirror { get; init; }

    public HttpCorsFilter? Cors { get; init; }

    public HttpExtensionReference? ExtensionRef { get; init; }
}

/// <summary>Where copies of requests go.</summary>
internal sealed record HttpRequestMirrorFilter
{
    public HttpBackendRef? BackendRef { get; init; }

    /// <summary>0 to 100. Unset, and <see cref="Fraction"/> too, means all.</summary>
    public int? Percent { get; init; }

    public HttpFraction? Fraction { get; init; }
}

internal sealed record HttpBackendRef
{
    public string? Group { get; init; }

    public string? Kind { get; init; }

    public string? Namespace { get; init; }

    public string Name { get; init => field = value ?? ""; } = "";

    public int? Port { get; init; }

    /// <summary>Unset means 1.</summary>
    public int? Weight { get; init; }

    public ImmutableArray<HttpRouteFilter>? Filters { get; init; }
}

/// <summary>Durations in the form of GEP-2257.</summary>
internal sealed record HttpRouteTimeouts
{
    public string? Request { get; init; }

    public string? BackendRequest { get; init; }
}

internal sealed record HttpRouteRetry
{
    public ImmutableArray<int>? Codes { get; init; }

    public int? Attempts { get; init; }

    public string? Backoff { get; init; }
}
