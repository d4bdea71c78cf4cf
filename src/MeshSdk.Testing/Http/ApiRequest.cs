using MeshSdk.Testing.Api;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>What a path and a method say.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Plural">Null: the path is no resource's.</param>
/// <param name="Name">Empty for collections.</param>
/// <param name="Subresource">Empty for the object itself.</param>
internal sealed record ApiRequest(string Verb, string Path, string Group, string Version, string? Plural, string? Namespace, string Name, string Subresource)
{
    public static ApiRequest Parse(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, version, rest) = parts switch
        {
            ["api", var v, .. var tail] when tail.Length > 0 => ("", v, tail),
            ["apis", var g, var v, .. var tail] when tail.Length > 0 => (g, v, tail),
            _ => ("", "", []),
        };
        if (rest.Length == 0)
        {
            return new(request.Method.ToLowerInvariant(), path, "", "", null, null, "", "");
        }

        // A namespace is an object of its own and the place of others: it takes a third part to tell.
        string? ns = null;
        if (rest is ["namespaces", var place, var inner, ..] && (group.Length > 0 || inner is not ("status" or "finalize")))
        {
            (ns, rest) = (place, rest[2..]);
        }

        var name = rest.Length > 1 ? rest[1] : "";
        var subresource = rest.Length > 2 ? string.Join('/', rest[2..]) : "";
        return new(VerbOf(request, name), path, group, version, rest[0], ns, name, subresource);
    }

    /// <summary>As access control names it.</summary>
    public string AccessResource => Subresource.Length == 0 ? Plural! : $"{Plural}/{Subresource}";

    public EmbeddedRequest Describe(HttpContext context) => new(
        Verb, Path, context.Request.QueryString.Value ?? "", Group, Plural, Namespace, Name.Length == 0 ? null : Name, context.Request.Protocol,
        context.Connection.Id);

    /// <summary>Whether it is for the object or its collection in a way that the kind has.</summary>
    /// <exception cref="ApiException">404: a namespaced kind without its namespace, or the other way round.</exception>
    public void CheckScope(ResourceType type)
    {
        var isAcrossNamespaces = Namespace is null && Name.Length == 0 && Verb is "list" or "watch";
        if (type.IsNamespaced ? Namespace is null && !isAcrossNamespaces : Namespace is not null)
        {
            throw NoSuchResource();
        }
    }

    public static ApiException NoSuchResource() => new(404, "NotFound", "the server could not find the requested resource") { Details = [] };

    private static string VerbOf(HttpRequest request, string name) => request.Method.ToUpperInvariant() switch
    {
        "GET" or "HEAD" when name.Length > 0 => "get",
        "GET" or "HEAD" => ListOptions.Flag(request.Query["watch"]) ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => name.Length > 0 ? "delete" : "deletecollection",
        var other => other.ToLowerInvariant(),
    };
}
