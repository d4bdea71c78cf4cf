using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>Changes to the headers of requests or of responses.</summary>
internal sealed record HttpHeaderFilter
{
    public ImmutableArray<HttpHeaderValue>? Set { get; init; }

    public ImmutableArray<HttpHeaderValue>? Add { get; init; }

    public ImmutableArray<string>? Remove { get; init; }
}

internal sealed record HttpHeaderValue
{
    public string Name { get; init => field = value ?? ""; } = "";

    public string Value { get; init => field = value ?? ""; } = "";
}

/// <summary>What is unset stays as in the request.</summary>
internal sealed record HttpRequestRedirectFilter
{
    public string? Scheme { get; init; }

    public string? Hostname { get; init; }

    public HttpPathModifier? Path { get; init; }

    public int? Port { get; init; }

    /// <summary>Unset means 302.</summary>
    public int? StatusCode { get; init; }
}

internal sealed record HttpUrlRewriteFilter
{
    public string? Hostname { get; init; }

    public HttpPathModifier? Path { get; init; }
}

internal sealed record HttpPathModifier
{
    /// <summary>ReplaceFullPath or ReplacePrefixMatch.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    public string? ReplaceFullPath { get; init; }

    public string? ReplacePrefixMatch { get; init; }
}

internal sealed record HttpFraction
{
    public int Numerator { get; init; }

    /// <summary>Unset means 100.</summary>
    public int? Denominator { get; init; }
}

internal sealed record HttpCorsFilter
{
    public ImmutableArray<string>? AllowOrigins { get; init; }

    public bool? AllowCredentials { get; init; }

    public ImmutableArray<string>? AllowMethods { get; init; }

    public ImmutableArray<string>? AllowHeaders { get; init; }

    public ImmutableArray<string>? ExposeHeaders { get; init; }

    /// <summary>In seconds. Unset means 5.</summary>
    public int? MaxAge { get; init; }
}

/// <summary>An object in the namespace of the one that refers to it.</summary>
internal sealed record HttpExtensionReference
{
    /// <summary>Empty means the core group.</summary>
    public string Group { get; init => field = value ?? ""; } = "";

    public string Kind { get; init => field = value ?? ""; } = "";

    public string Name { get; init => field = value ?? ""; } = "";
}
