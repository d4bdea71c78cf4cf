namespace MeshSdk.Testing;

/// <summary>A request as the embedded API server has understood it, for predicates and observers.</summary>
/// <param name="Verb">
/// get, list, watch, create, update, patch, delete or deletecollection; for paths that are no resource's the HTTP method in lower case.
/// </param>
/// <param name="Path">As in <c>/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes</c>.</param>
/// <param name="Query">With its question mark; empty where there is none.</param>
/// <param name="Group">Empty for the core group, and for paths that are no resource's.</param>
/// <param name="Resource">The plural, as in <c>endpointslices</c>; null for paths that are no resource's.</param>
/// <param name="Namespace">Null for what is not in one, and for lists of all namespaces.</param>
/// <param name="Name">Null for lists.</param>
/// <param name="Protocol">As in <c>HTTP/2</c>.</param>
/// <param name="ConnectionId">The same for all requests of one connection.</param>
public sealed record EmbeddedRequest(
    string Verb, string Path, string Query, string Group, string? Resource, string? Namespace, string? Name, string Protocol, string ConnectionId);
