using System.Text.Json.Nodes;
using MeshSdk.Testing.Access;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Access;

public sealed class RbacAuthorizerTests
{
    private const string Rbac = "rbac.authorization.k8s.io";

    private static readonly ApiUser Client = new(
        "system:serviceaccount:a:client", ["system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated"]);

    private readonly FakeClusterApi _api = new();
    private readonly RbacAuthorizer _authorizer;

    public RbacAuthorizerTests() => _authorizer = new(_api);

    [Fact]
    public void A_refusal_is_worded_as_by_the_real_server()
    {
        Assert.Equal(
            "services is forbidden: User \"system:serviceaccount:a:client\" cannot list resource \"services\" in API group \"\" in the namespace \"c\"",
            Ask("list", "", "services", "c"));
        Assert.Equal(
            "httproutes.gateway.networking.k8s.io \"r\" is forbidden: User \"system:serviceaccount:a:client\" cannot patch resource \"httproutes/status\" "
            + "in API group \"gateway.networking.k8s.io\" in the namespace \"c\"",
            Ask("patch", "gateway.networking.k8s.io", "httproutes/status", "c", "r"));
        Assert.Equal(
            "nodes is forbidden: User \"system:serviceaccount:a:client\" cannot watch resource \"nodes\" in API group \"\" at the cluster scope",
            Ask("watch", "", "nodes", null));
        Assert.Equal("forbidden: User \"system:serviceaccount:a:client\" cannot get path \"/metrics\"", AskPath("get", "/metrics"));
    }

    [Theory]
    [InlineData("""{ "apiGroups": [""], "resources": ["services"], "verbs": ["get", "list"] }""", "list", "", "services", "", true)]
    [InlineData("""{ "apiGroups": [""], "resources": ["services"], "verbs": ["get", "list"] }""", "watch", "", "services", "", false)]
    [InlineData("""{ "apiGroups": [""], "resources": ["services"], "verbs": ["get"] }""", "get", "", "pods", "x", false)]
    [InlineData("""{ "apiGroups": [""], "resources": ["services"], "verbs": ["get"] }""", "get", "apps", "services", "x", false)]
    [InlineData("""{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }""", "delete", "apps", "deployments/scale", "x", true)]
    [InlineData("""{ "apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"] }""", "delete", "", "pods", "x", false)]
    [InlineData("""{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }""", "get", "", "pods/log", "x", false)]
    [InlineData("""{ "apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"] }""", "get", "", "pods/log", "x", true)]
    [InlineData("""{ "apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"] }""", "get", "", "pods", "x", false)]
    [InlineData("""{ "apiGroups": [""], "resources": ["*/status"], "verbs": ["patch"] }""", "patch", "", "services/status", "x", true)]
    [InlineData("""{ "apiGroups": [""], "resources": ["*/status"], "verbs": ["patch"] }""", "patch", "", "services", "x", false)]
    [InlineData("""{ "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["tls"], "verbs": ["get", "watch"] }""", "get", "", "secrets", "tls", true)]
    [InlineData("""{ "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["tls"], "verbs": ["get", "watch"] }""", "get", "", "secrets", "b", false)]
    [InlineData("""{ "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["tls"], "verbs": ["get", "watch"] }""", "watch", "", "secrets", "tls", true)]
    [InlineData("""{ "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["tls"], "verbs": ["get", "watch"] }""", "watch", "", "secrets", "", false)]
    [InlineData("""{ "nonResourceURLs": ["/x"], "verbs": ["get"] }""", "get", "", "pods", "", false)]
    [InlineData("{}", "get", "", "pods", "", false)]
    public void Rules_grant_verbs_on_resources(string rule, string verb, string group, string resource, string name, bool granted)
    {
        Role("Role", "c", "r", rule);
        Bind("RoleBinding", "c", "b", "Role", "r");

        Assert.Equal(granted, Ask(verb, group, resource, "c", name) is null);
        Assert.NotNull(Ask(verb, group, resource, "other", name));
        Assert.NotNull(Ask(verb, group, resource, null, name));
    }

    [Fact]
    public void A_cluster_role_counts_where_it_is_bound()
    {
        Role("ClusterRole", "", "reader", """{ "apiGroups": [""], "resources": ["services"], "verbs": ["list"] }""");
        Bind("RoleBinding", "c", "here", "ClusterRole", "reader");
        Assert.Null(Ask("list", "", "services", "c"));
        Assert.NotNull(Ask("list", "", "services", "d"));

        Bind("ClusterRoleBinding", "", "everywhere", "ClusterRole", "reader");
        Assert.Null(Ask("list", "", "services", "d"));
        Assert.Null(Ask("list", "", "services", null));
    }

    [Theory]
    [InlineData("""{ "kind": "ServiceAccount", "namespace": "a", "name": "client" }""", true)]
    [InlineData("""{ "kind": "ServiceAccount", "namespace": "b", "name": "client" }""", false)]
    [InlineData("""{ "kind": "ServiceAccount", "name": "client" }""", false)]
    [InlineData("""{ "kind": "User", "name": "system:serviceaccount:a:client" }""", true)]
    [InlineData("""{ "kind": "User", "name": "client" }""", false)]
    [InlineData("""{ "kind": "Group", "name": "system:serviceaccounts:a" }""", true)]
    [InlineData("""{ "kind": "Group", "name": "system:serviceaccounts:b" }""", false)]
    public void Subjects_are_users_groups_and_service_accounts(string subject, bool granted)
    {
        Role("Role", "c", "r", """{ "apiGroups": [""], "resources": ["services"], "verbs": ["list"] }""");
        Bind("RoleBinding", "c", "b", "Role", "r", subject);

        Assert.Equal(granted, Ask("list", "", "services", "c") is null);
    }

    [Fact]
    public void Whoever_asks_is_told_all_that_they_may_in_a_namespace()
    {
        Role("Role", "c", "r", """{ "apiGroups": [""], "resources": ["services"], "verbs": ["list"] }""");
        Bind("RoleBinding", "c", "b", "Role", "r");
        Bind("RoleBinding", "c", "dangling", "Role", "none");
        Role("ClusterRole", "", "reader", """{ "apiGroups": [""], "resources": ["nodes"], "verbs": ["get"] }""");
        Bind("ClusterRoleBinding", "", "everywhere", "ClusterRole", "reader");

        Assert.Equal(["selfsubjectaccessreviews", "selfsubjectreviews", "nodes", "services"], Resources(Client, "c"));
        Assert.Equal(["selfsubjectaccessreviews", "selfsubjectreviews", "nodes"], Resources(Client, "d"));
        Assert.Contains("*", Resources(new("root", ["system:masters", "system:authenticated"]), "c"));

        IEnumerable<string> Resources(ApiUser user, string ns) =>
            _authorizer.Rules(user, ns).Where(rule => rule.Resources.Length > 0).Select(rule => rule.Resources[0]);
    }

    [Fact]
    public void A_grant_counts_at_once_and_ends_at_once()
    {
        Role("Role", "c", "r", """{ "apiGroups": [""], "resources": ["services"], "verbs": ["list"] }""");
        Bind("RoleBinding", "c", "b", "Role", "r");
        Assert.Null(Ask("list", "", "services", "c"));

        _api.Delete(Rbac, "rolebindings", "c", "b");

        Assert.NotNull(Ask("list", "", "services", "c"));
    }

    [Fact]
    public void A_role_that_is_missing_is_named()
    {
        Bind("RoleBinding", "c", "b", "Role", "gone");

        Assert.EndsWith(
            "in the namespace \"c\": RBAC: role.rbac.authorization.k8s.io \"gone\" not found",
            Ask("list", "", "services", "c"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/version", true)]
    [InlineData("/api", true)]
    [InlineData("/apis/apps/v1", true)]
    [InlineData("/openapi/v3", true)]
    [InlineData("/healthz", true)]
    [InlineData("/apisx", false)]
    [InlineData("/metrics", false)]
    [InlineData("/logs/x", false)]
    public void Everybody_with_a_name_may_discover(string path, bool granted)
    {
        Assert.Equal(granted, AskPath("get", path) is null);
        Assert.NotNull(AskPath("post", path));
    }

    [Fact]
    public void Nobody_may_know_the_version_and_no_more()
    {
        var nobody = new ApiUser("system:anonymous", ["system:unauthenticated"]);

        Assert.Null(_authorizer.Refuse(new(nobody, "get", "", null, null, "", "/version")));
        Assert.NotNull(_authorizer.Refuse(new(nobody, "get", "", null, null, "", "/apis")));
    }

    [Fact]
    public void Paths_are_granted_by_cluster_roles()
    {
        Role("ClusterRole", "", "metrics", """{ "nonResourceURLs": ["/metrics", "/logs/*"], "verbs": ["get"] }""");
        Bind("ClusterRoleBinding", "", "b", "ClusterRole", "metrics");

        Assert.Null(AskPath("get", "/metrics"));
        Assert.Null(AskPath("get", "/logs/a/b"));
        Assert.NotNull(AskPath("get", "/metrics/x"));
    }

    [Fact]
    public void Administrators_may_everything()
    {
        Assert.Null(_authorizer.Refuse(new(new("admin", ["system:masters"]), "delete", "apps", "deployments", "c", "x", "/x")));

        Bind("ClusterRoleBinding", "", "b", "ClusterRole", "cluster-admin");
        Assert.Null(Ask("delete", "apps", "deployments", "c", "x"));
        Assert.Null(AskPath("get", "/metrics"));
    }

    [Fact]
    public void Everybody_may_ask_what_they_may() => Assert.Null(Ask("create", "authorization.k8s.io", "selfsubjectaccessreviews", null));

    [Fact]
    public void Spare_grants_are_told_by_rule_verb_and_resource()
    {
        Role(
            "Role", "c", "r",
            """{ "apiGroups": [""], "resources": ["services", "pods"], "verbs": ["list", "watch"] }""",
            """{ "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"] }""");
        Role("ClusterRole", "", "unbound", """{ "nonResourceURLs": ["/metrics"], "verbs": ["get"] }""");
        Bind("RoleBinding", "c", "b", "Role", "r");

        Ask("list", "", "services", "c");
        Ask("watch", "", "services", "c");
        Ask("list", "", "pods", "c");
        Ask("delete", "", "pods", "c");

        Assert.Equal(
            ["ClusterRole unbound, rule 0: get /metrics", "Role c/r, rule 0: watch pods", "Role c/r, rule 1: get deployments.apps"],
            _authorizer.UnusedRules().Select(unused => unused.ToString()));
    }

    [Fact]
    public void Of_two_rules_that_grant_the_same_one_is_spare()
    {
        Role(
            "Role", "c", "r",
            """{ "apiGroups": [""], "resources": ["services"], "verbs": ["list"] }""",
            """{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["list"] }""");
        Bind("RoleBinding", "c", "b", "Role", "r");

        Ask("list", "", "services", "c");

        Assert.Equal("Role c/r, rule 1: list *.*", Assert.Single(_authorizer.UnusedRules()).ToString());
    }

    private string? Ask(string verb, string group, string resource, string? ns, string name = "") =>
        _authorizer.Refuse(new(Client, verb, group, resource, ns, name, "/unused"));

    private string? AskPath(string verb, string path) => _authorizer.Refuse(new(Client, verb, "", null, null, "", path));

    private void Role(string kind, string ns, string name, params string[] rules) =>
        _api.Put(Rbac, kind == "Role" ? "roles" : "clusterroles", Manifest.Of(kind, ns, name, $$"""{ "rules": [ {{string.Join(',', rules)}} ] }"""));

    private void Bind(string kind, string ns, string name, string roleKind, string role, string? subject = null)
    {
        JsonObject content = Manifest.Of(kind, ns, name, $$"""
            {
              "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "{{roleKind}}", "name": "{{role}}" },
              "subjects": [ {{subject ?? """{ "kind": "ServiceAccount", "namespace": "a", "name": "client" }"""}} ]
            }
            """);
        _api.Put(Rbac, kind == "RoleBinding" ? "rolebindings" : "clusterrolebindings", content);
    }
}
