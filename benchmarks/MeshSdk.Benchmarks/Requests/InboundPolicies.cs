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
        "1 ALLOW" => Policy(0, rules: 0, isLast: true),
        _ => string.Join("---\n", Enumerable.Range(0, 20).Select(static i => Policy(i, rules: i == 19 ? 4 : 5, isLast: i == 19))),
    };

    private static string Policy(int index, int rules, bool isLast)
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
                    - source:
                        principals: ["cluster.local/ns/team-{{index}}/sa/caller-{{i}}", "cluster.local/ns/team-{{index}}/sa/batch-*"]
                    to:
                    - operation:
                        methods: ["GET", "POST"]
                        paths: ["/team-{{index}}/{{i}}/*", "/shared/{{i}}"]

                """);
        }

        return isLast ? text.Append(Ending).ToString() : text.ToString();
    }
}
