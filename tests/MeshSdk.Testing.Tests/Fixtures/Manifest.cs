using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>Objects by the JSON of their parts.</summary>
internal static class Manifest
{
    public static JsonObject Of(string kind, string ns, string name, string rest = "{}")
    {
        var content = JsonNode.Parse(rest)!.AsObject();
        content["kind"] = kind;
        content["metadata"] ??= new JsonObject();
        content["metadata"]!["name"] = name;
        if (ns.Length > 0)
        {
            content["metadata"]!["namespace"] = ns;
        }

        return content;
    }

    public static JsonObject Service(string ns, string name, string spec) => Of("Service", ns, name, $$"""{ "spec": {{spec}} }""");

    public static JsonObject Pod(string ns, string name, string ip, string app, bool ready = true, string spec = "{}", string annotations = "{}") =>
        Of("Pod", ns, name, $$"""
            {
              "metadata": { "labels": { "app": "{{app}}" }, "annotations": {{annotations}} },
              "spec": {{spec}},
              "status": {
                "phase": "Running", "podIP": "{{ip}}", "podIPs": [ { "ip": "{{ip}}" } ],
                "conditions": [ { "type": "Ready", "status": "{{(ready ? "True" : "False")}}" } ]
              }
            }
            """);
}
