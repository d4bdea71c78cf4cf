using System.Globalization;
using System.Text;

namespace MeshSdk.Benchmarks.Requests;

/// <summary>Policies as teams have them: services by their accounts, methods and paths.</summary>
internal static class InboundPolicies
{
    private const string Ending = """
          - to:
            - operation:
                methods: ["GET"]
                paths: ["/orders/*"]

        """;

    public static string Of(string name) => name switch
    {
        "none" => "",
        "1 ALLOW" => Policy(0, rules: 0, isLast: true, Others),
        "20 x 5 rules" => Twenty(Others),
        _ => Twenty(Everybody),
    };

    // The caller of the benchmark is none of these, so that nothing else of the rule is looked at.
    private static string Others(int policy, int rule) =>
        string.Create(CultureInfo.InvariantCulture, $$"""- source: { principals: ["cluster.local/ns/team-{{policy}}/sa/caller-{{rule}}", "cluster.local/ns/team-{{policy}}/sa/batch-*"] }""");

    // By mutual TLS the first holds, and in plaintext the second, so that methods and paths are looked at.
    private static string Everybody(int policy, int rule) =>
        """
        - source: { principals: ["cluster.local/ns/web/sa/client"] }
            - source: { ipBlocks: ["10.0.0.0/8"] }
        """;

    private static string Twenty(Func<int, int, string> callers) =>
        string.Join("---\n", Enumerable.Range(0, 20).Select(i => Policy(i, rules: i == 19 ? 4 : 5, isLast: i == 19, callers)));

    private static string Policy(int index, int rules, bool isLast, Func<int, int, string> callers)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata:
              name: policy-{{index}}
              namespace: shop
            spec:
              action: ALLOW
              rules:

            """);
        for (var i = 0; i < rules; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                  - from:
                    {{callers(index, i)}}
                    to:
                    - operation:
                        methods: ["GET", "POST"]
                        paths: ["/team-{{index}}/{{i}}/*", "/shared/{{i}}"]

                """);
        }

        return isLast ? text.Append(Ending).ToString() : text.ToString();
    }
}
