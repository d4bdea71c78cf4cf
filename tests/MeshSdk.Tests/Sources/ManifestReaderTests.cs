using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Sources;

public sealed class ManifestReaderTests
{
    private const string File = "mesh/a.yaml";

    [Fact]
    public void The_reference_route_reads_with_all_its_fields()
    {
        var route = Only<HttpRoute>("""
            # the canary
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: HTTPRoute
            metadata:
              name: backend-split
              namespace: istio-test
              labels: {app: backend, "a.b/c": }
            spec:
              parentRefs:
              - {group: "", kind: Service, name: backend, port: 80}
              somethingNewer: [1, 2]
              rules:
              - backendRefs:
                - name: backend-v1
                  port: 80
                  weight: 90
                - name: backend-v2
                  port: 80
                  weight: 10
            """);

        Assert.Equal(new ResourceKey("HTTPRoute", "istio-test", "backend-split"), route.Key);
        Assert.Equal(new ResourceOrigin(File, 1, 2), route.Origin);
        Assert.Equal("", route.Metadata.Labels!["a.b/c"]);
        var parent = Assert.Single(route.Spec.ParentRefs!.Value);
        Assert.Equal(("", "Service", "backend", 80), (parent.Group, parent.Kind, parent.Name, parent.Port));
        var rule = Assert.Single(route.Spec.Rules!.Value);
        Assert.Null(rule.Matches);
        Assert.Equal([("backend-v1", 90), ("backend-v2", 10)], rule.BackendRefs!.Value.Select(backend => (backend.Name, backend.Weight!.Value)));
    }

    [Fact]
    public void An_object_without_a_namespace_is_in_default()
    {
        var rule = Only<DestinationRule>("{apiVersion: networking.istio.io/v1alpha3, kind: DestinationRule, metadata: {name: x}, spec: {host: backend}}");

        Assert.Equal("default", rule.Metadata.Namespace);
        Assert.Equal("backend", rule.Spec.Host);
    }

    [Fact]
    public void Documents_count_from_one_with_their_lines_and_empty_ones_are_skipped()
    {
        var content = ManifestReader.Read("# only a comment\n---\n---\n# another\n---\n" + Manifest.Service("a") + "---\n\n" + Manifest.Service("b") + "---\n", File);

        Assert.Empty(content.Problems);
        Assert.Equal(
            [("a", 6), ("b", 16)],
            content.Resources.Select(resource => (resource.Metadata.Name, resource.Origin!.Line)));
        Assert.Equal(1, content.Resources[1].Origin!.Document - content.Resources[0].Origin!.Document);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# nothing\n")]
    [InlineData("---\n---\n# nothing\n")]
    [InlineData("null")]
    [InlineData("\ufeff")]
    public void A_text_of_nothing_is_empty_and_no_error(string text)
    {
        var content = ManifestReader.Read(text, File);

        Assert.Equal((0, 0, true), (content.Resources.Length, content.Problems.Length, content.IsEmpty));
        Assert.True(ManifestReader.Read(text.Length > 4 ? "" : text.TrimStart('\ufeff'), "a.json").IsEmpty);
    }

    [Fact]
    public void A_list_gives_its_items_with_their_own_lines()
    {
        var content = ManifestReader.Read("""
            apiVersion: v1
            kind: List
            items:
            - apiVersion: v1
              kind: Service
              metadata: {name: a}
            - apiVersion: gateway.networking.k8s.io/v1
              kind: HTTPRouteList
              items:
              - metadata: {name: b}
              - metadata: {name: c}
            - apiVersion: v1
              kind: List
            """, File);

        Assert.Empty(content.Problems);
        Assert.Equal(
            [("Service", "a", 4), ("HTTPRoute", "b", 10), ("HTTPRoute", "c", 11)],
            content.Resources.Select(resource => (resource.Kind, resource.Metadata.Name, resource.Origin!.Line)));
    }

    [Fact]
    public void Json_reads_like_yaml_and_may_hold_several_values_and_arrays()
    {
        const string One = """{ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "NAME\/\ud83d\ude00" }, "spec": { "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [{ "port": 80.0, "targetPort": "http" }] } }""";
        var text = One.Replace("NAME", "a", StringComparison.Ordinal) + "\n\n\t" + One.Replace("NAME", "b", StringComparison.Ordinal)
            + "\n[" + One.Replace("NAME", "c", StringComparison.Ordinal) + ",\n" + One.Replace("NAME", "d", StringComparison.Ordinal) + "]";

        var content = ManifestReader.Read(text, "mesh/a.json");

        Assert.Empty(content.Problems);
        Assert.Equal(
            [("a/😀", 1, 1), ("b/😀", 2, 3), ("c/😀", 3, 4), ("d/😀", 3, 5)],
            content.Resources.Select(resource => (resource.Metadata.Name, resource.Origin!.Document, resource.Origin.Line)));
        var service = (Service)content.Resources[0];
        Assert.Equal(("10.0.0.1", "10.0.0.1"), (service.Spec.ClusterIP, service.Spec.ClusterIPs!.Value[0]));
        Assert.Equal((80, "http"), (service.Spec.Ports!.Value[0].Port, service.Spec.Ports!.Value[0].TargetPort!.Value.Value));
    }

    [Fact]
    public void What_begins_like_json_may_be_yaml_in_flow_style()
    {
        var content = ManifestReader.Read("{apiVersion: v1, kind: Service, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Service, metadata: {name: b}}\n", File);

        Assert.Empty(content.Problems);
        Assert.Equal(["a", "b"], content.Resources.Select(resource => resource.Metadata.Name));
    }

    [Fact]
    public void Field_names_are_case_sensitive()
    {
        var service = Only<Service>("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {clusterip: 10.0.0.1, Ports: [{port: 80}]}}");

        Assert.Null(service.Spec.ClusterIP);
        Assert.Null(service.Spec.Ports);
    }

    [Fact]
    public void Explicit_nulls_are_as_good_as_nothing_where_a_field_may_be_missing()
    {
        var service = Only<Service>("""
            apiVersion: v1
            kind: Service
            metadata: {name: a, creationTimestamp: null, annotations: {x: ~}}
            spec: {ports: null, selector: , type: ~}
            status:
              loadBalancer: {ingress: [null]}
            """);

        Assert.Null(service.Spec.Ports);
        Assert.Null(service.Spec.Selector);
        Assert.Equal("", service.Metadata.Annotations!["x"]);
    }

    [Fact]
    public void Unknown_kinds_are_skipped_with_one_note_for_each()
    {
        var content = ManifestReader.Read(Manifest.Documents(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: [broken: 1]}\n",
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}\n",
            "{apiVersion: v1, kind: LimitRange, metadata: {name: c}}\n",
            "{apiVersion: other.io/v1, kind: Service, metadata: {name: d}}\n",
            Manifest.Service("e")), File);

        Assert.Equal("e", Assert.Single(content.Resources).Metadata.Name);
        Assert.All(content.Problems, problem => Assert.Equal((DiagnosticSeverity.Info, "UnknownKind"), (problem.Severity, problem.Code)));
        Assert.Equal(["Deployment default/a", "LimitRange default/c", "Service default/d"], content.Problems.Select(problem => problem.Subject));
        Assert.Contains("apps", content.Problems[0].Message, StringComparison.Ordinal);
    }

    private static T Only<T>(string text)
    {
        var content = ManifestReader.Read(text, File);
        Assert.Empty(content.Problems);
        return Assert.IsType<T>(Assert.Single(content.Resources));
    }
}
