using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Access;

/// <summary>
/// Role-based access control by the Roles and bindings that are stored, read anew for each request: a grant counts from the next request on. Knows
/// which grants were needed, so that a test can prove that a Role has none to spare.
/// </summary>
internal sealed class RbacAuthorizer(IClusterApi api) : IAuthorizer
{
    private const string Group = "rbac.authorization.k8s.io";

    private static readonly string[] Kinds = ["ClusterRole", "Role"];

    private readonly Lock _lock = new();
    private readonly HashSet<(RbacRole Role, int Rule, RbacGrant Grant)> _used = [];

    public string? Refuse(AccessRequest request)
    {
        if (request.User.Groups.Contains(RbacDefaults.Administrators)
            || RbacDefaults.For(request.User).Any(rule => rule.Grant(request) is not null))
        {
            return null;
        }

        var missing = new List<string>();
        return IsGranted(request, missing) ? null : AccessRefusal.Message(request, missing);
    }

    /// <summary>
    /// Grants of the stored Roles and ClusterRoles that no request has needed so far. Of two that allow the same, the one that is looked at later
    /// (ClusterRoleBindings come first, then RoleBindings, each by name) is not needed.
    /// </summary>
    public IReadOnlyList<UnusedGrant> UnusedRules()
    {
        lock (_lock)
        {
            return
            [
                .. from kind in Kinds
                   from content in api.List(Group, PluralOf(kind))
                   let role = new RbacRole(kind, content.Namespace(), content.Name())
                   from rule in RulesOf(content).Index()
                   from grant in rule.Item.Grants
                   where !_used.Contains((role, rule.Index, grant))
                   select new UnusedGrant(role, rule.Index, grant),
            ];
        }
    }

    public IReadOnlyList<RbacRule> Rules(ApiUser user, string ns) =>
    [
        .. RbacDefaults.For(user),
        .. user.Groups.Contains(RbacDefaults.Administrators) ? RbacDefaults.Administrator : [],
        .. Bindings(user, ns).SelectMany(binding => Rules(RoleOf(binding)) ?? []),
    ];

    private bool IsGranted(AccessRequest request, List<string> missing) =>
        Bindings(request.User, request.Namespace).Any(binding => IsGranted(request, binding, missing));

    private IEnumerable<JsonObject> Bindings(ApiUser user, string? ns)
    {
        var bindings = Ordered(api.List(Group, "clusterrolebindings"));
        if (ns is { Length: > 0 })
        {
            bindings = bindings.Concat(Ordered(api.List(Group, "rolebindings", ns)));
        }

        return bindings.Where(binding => binding.ObjectsAt("subjects").Any(subject => RbacSubject.Is(subject, user)));
    }

    /// <summary>A ClusterRole that a RoleBinding names counts in the binding's namespace only; a Role is of that namespace.</summary>
    private static RbacRole RoleOf(JsonObject binding)
    {
        var kind = binding.TextAt("roleRef", "kind") ?? "";
        return new(kind, kind == "Role" ? binding.Namespace() : "", binding.TextAt("roleRef", "name") ?? "");
    }

    private bool IsGranted(AccessRequest request, JsonObject binding, List<string> missing)
    {
        var role = RoleOf(binding);
        if (Rules(role) is not { } rules)
        {
            missing.Add($"{role.Kind.ToLowerInvariant()}.{Group} \"{role.Name}\" not found");
            return false;
        }

        foreach (var (index, rule) in rules.Index())
        {
            if (rule.Grant(request) is { } grant)
            {
                lock (_lock)
                {
                    _used.Add((role, index, grant));
                }

                return true;
            }
        }

        return false;
    }

    private IReadOnlyList<RbacRule>? Rules(RbacRole role) =>
        api.Get(Group, PluralOf(role.Kind), role.Namespace.Length == 0 ? null : role.Namespace, role.Name) is { } content ? [.. RulesOf(content)]
        : role.Kind == "ClusterRole" ? RbacDefaults.ClusterRole(role.Name)
        : null;

    private static IEnumerable<RbacRule> RulesOf(JsonObject role) => role.ObjectsAt("rules").Select(RbacRule.From);

    private static IEnumerable<JsonObject> Ordered(IEnumerable<JsonObject> objects) =>
        objects.OrderBy(content => content.Name(), StringComparer.Ordinal);

    private static string PluralOf(string kind) => kind == "Role" ? "roles" : "clusterroles";
}

/// <param name="Kind">Role or ClusterRole.</param>
/// <param name="Namespace">Empty for a ClusterRole.</param>
internal sealed record RbacRole(string Kind, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}

/// <param name="Rule">The index of the rule in its role.</param>
internal sealed record UnusedGrant(RbacRole Role, int Rule, RbacGrant Grant)
{
    public override string ToString() => $"{Role}, rule {Rule}: {Grant}";
}
