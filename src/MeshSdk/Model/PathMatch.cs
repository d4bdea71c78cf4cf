using System.Text.RegularExpressions;

namespace MeshSdk.Model;

internal enum PathMatchKind
{
    Exact,

    /// <summary>By whole path elements; the value has no trailing slash (the root is empty).</summary>
    Prefix,

    /// <summary>The pattern must match the whole path.</summary>
    Regex,

    /// <summary>The path has two elements, the second of which is the value: calls of a gRPC method, whichever service has it.</summary>
    GrpcMethod,
}

/// <summary>A condition on the path. <paramref name="Pattern"/> is set for <see cref="PathMatchKind.Regex"/> alone, anchored at both ends.</summary>
internal sealed record PathMatch(PathMatchKind Kind, string Value, Regex? Pattern = null)
{
    public static PathMatch Any { get; } = new(PathMatchKind.Prefix, "");
}
