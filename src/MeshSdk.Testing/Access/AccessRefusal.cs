namespace MeshSdk.Testing.Access;

/// <summary>The message of a 403, which clients show and people search for.</summary>
internal static class AccessRefusal
{
    /// <summary>Stands before what is wrong with the rules.</summary>
    public const string Blame = ": RBAC: ";

    /// <param name="problems">What was wrong with the rules that might have allowed it, as a Role that is not there.</param>
    public static string Message(AccessRequest request, IReadOnlyList<string> problems)
    {
        var reason = problems switch
        {
            [] => "",
            [var only] => Blame + only,
            _ => $"{Blame}[{string.Join(", ", problems)}]",
        };
        if (request.Resource is not { } resource)
        {
            return $"forbidden: User \"{request.User.Name}\" cannot {request.Verb} path \"{request.Path}\"{reason}";
        }

        var plural = resource.Split('/')[0];
        var qualified = request.Group.Length == 0 ? plural : $"{plural}.{request.Group}";
        var named = request.Name.Length == 0 ? qualified : $"{qualified} \"{request.Name}\"";
        var scope = request.Namespace is { Length: > 0 } ns ? $"in the namespace \"{ns}\"" : "at the cluster scope";
        return $"{named} is forbidden: User \"{request.User.Name}\" cannot {request.Verb} resource \"{resource}\" "
            + $"in API group \"{request.Group}\" {scope}{reason}";
    }
}
