namespace MeshSdk.Compilation.Inbound;

/// <summary>The names that an authorization policy has.</summary>
internal static class AuthorizationFields
{
    public const string AccountForm = "service account, as ACCOUNT or NAMESPACE/ACCOUNT without stars";
    public const string BlockForm = "IP address or block, as 10.1.2.3 or 10.0.0.0/8";
    public const string PortForm = "port from 0 to 65535";
    public const string TemplateForm = "path: {*} and {**} are whole segments, after {**} comes neither, and there are no other braces, and no stars beside them";

    public static readonly string[] Spec = ["selector", "targetRef", "targetRefs", "action", "provider", "rules"];
    public static readonly string[] Selector = ["matchLabels"];
    public static readonly string[] Rule = ["from", "to", "when"];
    public static readonly string[] Condition = ["key", "values", "notValues"];

    public static readonly string[] UnsupportedSource =
        ["requestPrincipals", "notRequestPrincipals", "remoteIpBlocks", "notRemoteIpBlocks", "trustDomains", "notTrustDomains"];

    public static readonly string[] Source =
    [
        "principals", "notPrincipals", "namespaces", "notNamespaces", "serviceAccounts", "notServiceAccounts", "ipBlocks", "notIpBlocks", .. UnsupportedSource,
    ];

    public static readonly string[] Operation = ["hosts", "notHosts", "ports", "notPorts", "methods", "notMethods", "paths", "notPaths"];

    private static readonly string[] Keys =
    [
        "source.trustDomain", "remote.ip", "request.auth.principal", "request.auth.audiences", "request.auth.presenter", "destination.ip", "connection.sni",
    ];

    private static readonly string[] KeysWithName = ["request.headers[", "request.auth.claims[", "experimental.envoy.filters."];

    /// <summary>Whether Istio knows the key of a condition that nothing is made of here.</summary>
    public static bool IsKnownKey(string key) => Keys.Contains(key)
        || (key.EndsWith(']') && KeysWithName.Any(begin => key.StartsWith(begin, StringComparison.Ordinal)));
}
