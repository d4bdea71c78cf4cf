using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Access;

/// <summary>Whom a binding means.</summary>
internal static class RbacSubject
{
    public static bool Is(JsonObject subject, ApiUser user)
    {
        var name = subject.TextAt("name");
        return name is not null && subject.TextAt("kind") switch
        {
            "User" => user.Name == name,
            "Group" => user.Groups.Contains(name),

            // Without a namespace nobody is meant, in a RoleBinding either.
            "ServiceAccount" => subject.TextAt("namespace") is { } ns && user.Name == $"system:serviceaccount:{ns}:{name}",
            _ => false,
        };
    }
}
