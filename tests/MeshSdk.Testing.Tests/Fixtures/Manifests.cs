namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>Manifests as people write them.</summary>
internal static class Manifests
{
    public static string Route(int weight = 90, string name = "split") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata:
          name: {{name}}
        spec:
          hostnames: [a.example.com]
          parentRefs:
          - {group: "", kind: Service, name: backend}
          rules:
          - backendRefs:
            - {name: v1, port: 80, weight: {{weight}}}
            - {name: v2, port: 80, weight: 10}
        """;

    public const string DestinationRule = """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata:
          name: backend
        spec:
          host: backend
          subsets:
          - {name: v1, labels: {version: v1}}
        """;

    public const string Service = """
        apiVersion: v1
        kind: Service
        metadata:
          name: backend
          labels: {app: backend}
        spec:
          selector: {app: backend}
          ports:
          - {name: http, port: 80, targetPort: 5678}
        """;

    public const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: backend
        spec:
          replicas: 2
          selector: {matchLabels: {app: backend}}
          template:
            metadata: {labels: {app: backend}}
            spec:
              containers:
              - {name: main, image: "backend:1"}
        """;

    /// <summary>A kind of the user's own: with defaults, limits, columns, a status and fields to select by.</summary>
    public static string Widgets(string group) => $$$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.{{{group}}}}
        spec:
          group: {{{group}}}
          names: {kind: Widget, plural: widgets, singular: widget, shortNames: [{{{group.Split('.')[0]}}}wd], categories: [all]}
          scope: Namespaced
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            selectableFields: [{jsonPath: .spec.color}]
            additionalPrinterColumns:
            - {name: Size, type: integer, jsonPath: .spec.size}
            - {name: Color, type: string, jsonPath: .spec.color, priority: 1}
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    description: What a widget is to be like.
                    required: [size]
                    properties:
                      size: {type: integer, minimum: 1, description: In millimetres.}
                      color: {type: string, enum: [red, blue], default: red}
                      parts: {type: array, items: {type: string}}
                  status:
                    type: object
                    properties:
                      phase: {type: string}
        """;

    public static string Widget(string group, string spec = "size: 3") => $$"""
        apiVersion: {{group}}/v1
        kind: Widget
        metadata: {name: w}
        spec: { {{spec}} }
        """;

    public static string All => string.Join("\n---\n", Route(), DestinationRule, Service, Deployment);
}
