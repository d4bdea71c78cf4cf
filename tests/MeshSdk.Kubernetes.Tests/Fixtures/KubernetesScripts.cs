namespace MeshSdk.Kubernetes.Tests.Fixtures;

/// <summary>What API servers write.</summary>
internal static class KubernetesScripts
{
    public static string Route(string name, int version, string backend = "b") => """
        {"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"managedFields":[{"x":[1]}],"name":"NAME","namespace":"ns",
        "resourceVersion":"VERSION"},"spec":{"parentRefs":[{"group":"","kind":"Service","name":"a"}],"rules":[{"backendRefs":[{"name":"BACKEND","port":80}]}]}}
        """.ReplaceLineEndings("").Replace("NAME", name).Replace("VERSION", $"{version}").Replace("BACKEND", backend);

    /// <summary>One whose rules are no list.</summary>
    public static string BadRoute(string name, int version) =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"ns","resourceVersion":"{{{version}}}"},"spec":{"rules":7}}""";

    public static string List(int version, params string[] items) => Page(version, "", items);

    public static string Page(int version, string next, params string[] items) =>
        $$"""{"kind":"SomeList","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(",", items)}}]}""";

    public static string Event(string type, string item) => $$$"""{"type":"{{{type}}}","object":{{{item}}} }""";

    public static string Bookmark(int version) =>
        Event("BOOKMARK", $$$"""{"kind":"HTTPRoute","metadata":{"resourceVersion":"{{{version}}}","creationTimestamp":null},"spec":{}}""");

    public static string InitialEnd(int version) =>
        Event("BOOKMARK", $$$"""{"metadata":{"annotations":{"k8s.io/initial-events-end":"true"},"resourceVersion":"{{{version}}}"}}""");

    public static string Status(int code, string reason, string message = "no", string details = "{}") =>
        $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{message}}","reason":"{{reason}}","details":{{details}},"code":{{code}} }""";

    public static string ErrorEvent(int code, string reason) => Event("ERROR", Status(code, reason));

    /// <summary>What <c>/apis</c> answers.</summary>
    public static string Groups(params string[] groups) =>
        $$"""{"kind":"APIGroupList","apiVersion":"v1","groups":[{{string.Join(",", groups)}}]}""";

    /// <summary>What a version of a group has, in the discovery.</summary>
    public static string ResourceList(params string[] plurals) =>
        $$"""{"kind":"APIResourceList","groupVersion":"x","resources":[{{string.Join(",", plurals.Select(static plural => $$$"""{"name":"{{{plural}}}"}"""))}}]}""";

    public static string Group(string name, params string[] versions) =>
        $$"""{"kind":"APIGroup","apiVersion":"v1","name":"{{name}}","versions":[{{string.Join(",", versions.Select(Version))}}]}""";

    /// <param name="server">Its address.</param>
    /// <param name="cluster">Further fields of the cluster, one a line.</param>
    /// <param name="user">Fields of the user, one a line.</param>
    public static string Kubeconfig(Uri server, string cluster = "", string user = "token: secret") => $$"""
        apiVersion: v1
        kind: Config
        current-context: one
        contexts:
        - name: one
          context: { cluster: c, user: u, namespace: team }
        clusters:
        - name: c
          cluster:
            server: {{server}}
            {{Indented(cluster)}}
        users:
        - name: u
          user:
            {{Indented(user)}}
        """;

    private static string Version(string version) => $$"""{"groupVersion":"of/{{version}}","version":"{{version}}"}""";

    private static string Indented(string lines) => lines.ReplaceLineEndings("\n    ");
}
