namespace MeshSdk.Testing.Access;

/// <summary>Who asks.</summary>
/// <param name="Name">As in <c>system:serviceaccount:istio-test:client</c>.</param>
internal sealed record ApiUser(string Name, IReadOnlyCollection<string> Groups);

/// <summary>What is asked for, as RBAC sees it.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete, deletecollection; of paths that are no resource's the HTTP method in lower case.</param>
/// <param name="Resource">The plural, with its subresource after a slash; null: a path that is no resource's.</param>
/// <param name="Name">The object's name; empty for lists. A list or watch with field selector <c>metadata.name=X</c> has name X, as in Kubernetes.</param>
internal sealed record AccessRequest(ApiUser User, string Verb, string Group, string? Resource, string? Namespace, string Name, string Path);

/// <summary>Decides whether a request may be served.</summary>
internal interface IAuthorizer
{
    /// <summary>Null where it may; else why not, for the message of the 403.</summary>
    string? Refuse(AccessRequest request);

    /// <summary>All that somebody may do in a namespace, and in the cluster as a whole.</summary>
    IReadOnlyList<RbacRule> Rules(ApiUser user, string ns);
}
