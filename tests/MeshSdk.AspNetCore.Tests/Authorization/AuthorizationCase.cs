using System.Text;
using System.Text.Json;

namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>
/// Policies in few words, and a call. Policies are parted by <c>&amp;&amp;</c>, each as <c>[ns=…] [sel=label:value] [dry=…] [rev=…] ACTION: RULES</c>: A, D and U
/// stand for ALLOW, DENY and no action at all; rules are <c>none</c>, or a list in YAML, or fields of one rule, as <c>paths=/a,/b methods=GET</c>.
/// <c>spec: …</c> is a whole spec in YAML, <c>mesh: …</c> the ConfigMap of the mesh. The server is in namespace foo with the label app=w.
/// A call is <c>CALLER METHOD TARGET [HOST]</c>.
/// </summary>
internal sealed record AuthorizationCase(string Policies, string Call)
{
    public const string Namespace = "foo";

    private const string AnyPort = "{port}";
    private static readonly string[] Sources = ["principals", "namespaces", "serviceAccounts", "ipBlocks", "remoteIpBlocks", "requestPrincipals", "trustDomains"];

    private static readonly Dictionary<string, string?> Callers = new()
    {
        ["B"] = "spiffe://cluster.local/ns/foo/sa/bar",
        ["C"] = "spiffe://cluster.local/ns/qux/sa/cli",
        ["Z"] = "spiffe://cluster.local/ns/foo/sa/z",
        ["M"] = "spiffe://td1/ns/foo/sa/bar",
        ["N"] = "spiffe://td2/ns/foo/sa/bar",
        ["X"] = null,
    };

    public static IEnumerable<string> Identities => Callers.Values.OfType<string>();

    /// <summary>Null comes in plaintext.</summary>
    public string? Caller => Callers[Call.Split(' ')[0]];

    public string Method => Call.Split(' ')[1];

    public string Target => Call.Split(' ')[2];

    public string Host => Call.Split(' ').ElementAtOrDefault(3) ?? "example.com";

    /// <summary>The objects, as YAML.</summary>
    public string Manifests(int port)
    {
        var text = new StringBuilder();
        var index = 0;
        foreach (var policy in Policies.Replace(AnyPort, $"{port}").Split(" && ", StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append("---\n").Append(policy.StartsWith("mesh: ") ? Mesh(policy["mesh: ".Length..]) : Policy(policy, $"p{index++}"));
        }

        return text.ToString();
    }

    public override string ToString() => $"{Policies} | {Call}";

    private static string Mesh(string yaml) => $"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {"{"}name: istio, namespace: istio-system{"}"}
        data:
          mesh: |
            {yaml}

        """;

    private static string Policy(string text, string name)
    {
        var (space, selector, dryRun, revision) = (Namespace, "", "", "");
        while (text.Split(' ', 2) is [var word, var rest] && word.Split('=', 2) is [var key, var value] && key is "ns" or "sel" or "dry" or "rev")
        {
            text = rest;
            _ = key switch
            {
                "ns" => space = value,
                "sel" => selector = $"selector: {{matchLabels: {{{string.Join(", ", value.Split(',').Select(static label => $"{label.Split(':')[0]}: '{label.Split(':')[1]}'"))}}}}}",
                "dry" => dryRun = $"  annotations: {{istio.io/dry-run: \"{value}\"}}\n",
                _ => revision = $"  labels: {{istio.io/rev: \"{value}\"}}\n",
            };
        }

        var action = text[..text.IndexOf(':')];
        var rules = text[(action.Length + 1)..].Trim();
        var spec = action == "spec" ? rules : "{" + string.Join(", ", new[]
        {
            action == "U" ? "" : $"action: {(action == "A" ? "ALLOW" : action == "D" ? "DENY" : action)}",
            selector,
            rules == "none" ? "" : $"rules: {(rules[0] == '[' ? rules : $"[{Rule(rules)}]")}",
        }.Where(static part => part.Length > 0)) + "}";
        return $"apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: {name}\n  namespace: {space}\n{dryRun}{revision}spec: {spec}\n";
    }

    private static string Rule(string fields)
    {
        var lists = fields.Split(' ').Select(static field => field.Split('=', 2)).ToLookup(
            static field => Sources.Contains(char.ToLowerInvariant(field[0].Replace("not", "")[0]) + field[0].Replace("not", "")[1..]),
            static field => $"{field[0]}: {JsonSerializer.Serialize(field[1].Split(','))}");
        var source = string.Join(", ", lists[true]);
        var operation = string.Join(", ", lists[false]);
        return "{" + string.Join(", ", new[]
        {
            source.Length == 0 ? "" : $"from: [{{source: {{{source}}}}}]",
            operation.Length == 0 ? "" : $"to: [{{operation: {{{operation}}}}}]",
        }.Where(static part => part.Length > 0)) + "}";
    }
}
