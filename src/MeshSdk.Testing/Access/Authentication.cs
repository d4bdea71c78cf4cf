using MeshSdk.Testing.Api;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Access;

/// <summary>Who sends a request, by its bearer token, and in whose place, where it impersonates somebody.</summary>
internal sealed class Authentication(TokenAuthority tokens, IAuthorizer? authorizer)
{
    private const string Bearer = "Bearer ";

    /// <exception cref="ApiException">401 without a valid token; 403 where the impersonation is not allowed.</exception>
    public ApiUser Authenticate(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var user = header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? tokens.Authenticate(header[Bearer.Length..].Trim()) : null;
        if (user is null)
        {
            throw new ApiException(401, "Unauthorized", "Unauthorized");
        }

        return request.Headers["Impersonate-User"].ToString() is { Length: > 0 } name ? Impersonate(request, user, name) : user;
    }

    private ApiUser Impersonate(HttpRequest request, ApiUser user, string name)
    {
        if (authorizer?.Refuse(new(user, "impersonate", "", "users", null, name, request.Path.Value ?? "")) is { } refusal)
        {
            throw new ApiException(403, "Forbidden", refusal);
        }

        var groups = request.Headers["Impersonate-Group"].OfType<string>().ToList();
        if (groups.Count == 0 && name.Split(':') is ["system", "serviceaccount", var ns, _])
        {
            groups.AddRange(["system:serviceaccounts", $"system:serviceaccounts:{ns}"]);
        }

        return new(name, [.. groups.Append("system:authenticated").Distinct()]);
    }
}
