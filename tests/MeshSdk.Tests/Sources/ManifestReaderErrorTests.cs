using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Sources;

public sealed class ManifestReaderErrorTests
{
    private const string File = "mesh/a.yaml";

    [Theory]
    [InlineData("ninety", "a whole number is expected, found the text \"ninety\"")]
    [InlineData("'90'", "a whole number is expected, found the text \"90\"; write it without quotes")]
    [InlineData("99999999999", "a whole number from -2147483648 to 2147483647 is expected, found the number 99999999999")]
    [InlineData("1.5", "a whole number is expected, found the number 1.5")]
    [InlineData("yes", "a whole number is expected, found true (written as yes)")]
    [InlineData("true", "a whole number is expected, found true")]
    [InlineData("[90]", "a whole number is expected, found a list")]
    [InlineData("{a: 1}", "a whole number is expected, found a mapping")]
    public void A_wrong_type_names_file_document_line_field_and_what_was_expected(string weight, string message)
    {
        var content = ManifestReader.Read(Manifest.Documents(Manifest.Service("a"), Manifest.Route("r", weight), Manifest.Service("b")), File);

        var expected = new MeshDiagnostic(DiagnosticSeverity.Error, "InvalidField", "HTTPRoute default/r", "spec.rules[0].backendRefs[0].weight", message)
        {
            File = File,
            Document = 2,
            Line = 18,
        };
        Assert.Equal(expected, Assert.Single(content.Problems));
        Assert.Equal(["a", "b"], content.Resources.Select(resource => resource.Metadata.Name));
        Assert.Equal(new ResourceKey("HTTPRoute", "default", "r"), Assert.Single(content.Unreadable));
    }

    [Theory]
    [InlineData("spec: {ports: 80}", "spec.ports", "a list is expected, found the number 80")]
    [InlineData("spec: {ports: [80]}", "spec.ports[0]", "a mapping of fields is expected, found the number 80")]
    [InlineData("spec: {ports: [null]}", "spec.ports[0]", "a mapping of fields is expected, found nothing")]
    [InlineData("spec: {ports: [{port: null}]}", "spec.ports[0].port", "a whole number is expected, found nothing")]
    [InlineData("spec: {ports: [{port: 80, targetPort: 1.5}]}", "spec.ports[0].targetPort", "a number or a name is expected, found the number 1.5")]
    [InlineData("spec: {ports: [{port: 80, name: 8080}]}", "spec.ports[0].name", "a text is expected, found the number 8080; put it in quotes")]
    [InlineData("spec: {clusterIPs: [10.1, a]}", "spec.clusterIPs[0]", "a text is expected, found the number 10.1; put it in quotes")]
    [InlineData("spec: null", "spec", "a mapping of fields is expected, found nothing")]
    [InlineData("spec: []", "spec", "a mapping of fields is expected, found a list")]
    [InlineData("spec: {selector: {a.b/c: no}}", "spec.selector[a.b/c]", "a text is expected, found false (written as no); put it in quotes")]
    [InlineData("spec: {selector: [a]}", "spec.selector", "a mapping of fields is expected, found a list")]
    public void Every_shape_of_mistake_has_its_words(string spec, string path, string message)
    {
        var problem = Assert.Single(ManifestReader.Read($"apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\n{spec}\n", File).Problems);

        Assert.Equal(("InvalidField", path, message, 4), (problem.Code, problem.Path, problem.Message, problem.Line));
    }

    [Fact]
    public void An_item_of_a_list_that_has_no_name_is_told_by_its_place()
    {
        var content = ManifestReader.Read("""
            apiVersion: v1
            kind: List
            items:
            - { apiVersion: v1, kind: Service, metadata: { name: a } }
            - metadata: { name: b }
            - text
            - { apiVersion: v1, kind: Service, metadata: { namespace: c }, spec: { ports: 80 } }
            - { apiVersion: v1, kind: Service, metadata: { namespace: d } }
            - { apiVersion: v1, kind: Service, metadata: { name: e }, spec: { ports: 80 } }
            """, File);

        Assert.Equal(
            [
                "document 1: items[1].kind", "document 1: items[2]", "Service in document 1: items[3].spec.ports", "Service in document 1: items[4].metadata.name",
                "Service default/e: spec.ports",
            ],
            content.Problems.Select(static problem => $"{problem.Subject}: {problem.Path}"));
    }

    [Theory]
    [InlineData("\t- a: 1\n", 1)]
    [InlineData("# all\n \t- a: 1\n", 2)]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata:\n\tname: a\n", 4)]
    public void A_tab_as_indentation_is_no_YAML(string text, int line)
    {
        var fault = Assert.Single(ManifestReader.Read(text, File).SyntaxFaults);

        Assert.Equal((File, line, 1), (fault.File, fault.Line, fault.Document));
        Assert.Contains("tab", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_wrong_fields_of_an_object_are_listed_at_once()
    {
        var content = ManifestReader.Read("""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: a, creationTimestamp: yesterday}
            endpoints:
            - conditions:
                ready: "true"
            - addresses: 10.0.0.1
            """, File);

        Assert.Equal(
            [("metadata.creationTimestamp", 3), ("endpoints[0].conditions.ready", 6), ("endpoints[1].addresses", 7)],
            content.Problems.Select(problem => (problem.Path, problem.Line!.Value)));
    }

    [Theory]
    [InlineData("kind: Service\nmetadata: {name: a}", "apiVersion", "Service default/a", 1)]
    [InlineData("apiVersion: v1\nmetadata: {name: a}", "kind", "document 1", 1)]
    [InlineData("apiVersion: v1\nkind: 7\nmetadata: {name: a}", "kind", "document 1", 2)]
    [InlineData("just words", "", "document 1", 1)]
    [InlineData("- just\n- words", "[0]", "document 1", 1)]
    public void What_is_no_object_is_an_invalid_manifest(string text, string path, string subject, int line)
    {
        var content = ManifestReader.Read(text, File);

        var problem = content.Problems[0];
        Assert.Equal(("InvalidManifest", path, subject, line), (problem.Code, problem.Path, problem.Subject, problem.Line));
        Assert.True(content.HasUnidentified);
    }

    [Theory]
    [InlineData("{}", 3, "every object needs a name")]
    [InlineData("{name: ''}", 3, "every object needs a name")]
    [InlineData("{name: ~}", 3, "a text is expected, found nothing")]
    [InlineData("{name: 12}", 3, "a text is expected, found the number 12; put it in quotes")]
    [InlineData("{generateName: a-}", 3, "every object needs a name")]
    public void A_name_is_required(string metadata, int line, string message)
    {
        var content = ManifestReader.Read($"apiVersion: v1\nkind: Service\nmetadata: {metadata}\n", File);

        var problem = Assert.Single(content.Problems);
        Assert.Equal(("InvalidField", "metadata.name", message, line), (problem.Code, problem.Path, problem.Message, problem.Line));
        Assert.Empty(content.Resources);
        Assert.True(content.HasUnidentified);
    }

    [Fact]
    public void A_syntax_error_loses_its_own_document()
    {
        var content = ManifestReader.Read(Manifest.Documents(Manifest.Service("a"), "kind: [Service\nmetadata: }\n", Manifest.Service("c")), File);

        Assert.Equal(["a", "c"], content.Resources.Select(resource => resource.Metadata.Name));
        var problem = Assert.Single(content.Problems);
        Assert.Equal(("InvalidManifest", "document 2", 2), (problem.Code, problem.Subject, problem.Document));
        Assert.InRange(problem.Line!.Value, 10, 12);
        Assert.StartsWith("this is not YAML: ", problem.Message, StringComparison.Ordinal);
        Assert.True(content.HasSyntaxError);
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata:\n\tname: a\n", 4)]
    [InlineData("a: 1\nb: @x\n", 2)]
    [InlineData("a: 1\nb: \"x\nc: 3\n", 2)]
    [InlineData("a: b: c\n", 1)]
    [InlineData("x: 1\n{{ .Values.foo }}\n", 2)]
    public void Usual_mistakes_are_reported_at_their_line(string text, int line)
    {
        var problem = Assert.Single(ManifestReader.Read(text, File).Problems);

        Assert.Equal(("InvalidManifest", "document 1", line), (problem.Code, problem.Subject, problem.Line));
    }

    [Fact]
    public void A_list_that_is_not_closed_is_reported_near_its_line()
    {
        var problem = Assert.Single(ManifestReader.Read("a: 1\nb: [1, 2\nc: 3\nd: 4\n", File).Problems);

        Assert.InRange(problem.Line!.Value, 2, 3);
        Assert.Contains("not closed", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_json_is_reported_as_json()
    {
        var content = ManifestReader.Read("{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"a\"}}\n{\"apiVersion\":\n  \"v1\",,}", "mesh/a.json");

        Assert.Equal("a", Assert.Single(content.Resources).Metadata.Name);
        var problem = Assert.Single(content.Problems);
        Assert.Equal(("InvalidManifest", 3, 2), (problem.Code, problem.Line, problem.Document));
        Assert.StartsWith("this is not JSON: ", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: \"\\ud83d\"")]
    [InlineData("{\"a\": \"\\ud83d\"}")]
    public void Half_a_surrogate_is_a_syntax_error(string text)
    {
        Assert.True(ManifestReader.Read(text, text[0] == '{' ? "a.json" : File).HasSyntaxError);
    }

    [Fact]
    public void A_control_character_is_no_silent_end_of_the_text()
    {
        var content = ManifestReader.Read(Manifest.Service("a") + "---\n\0\n---\n" + Manifest.Service("b"), File);

        var problem = Assert.Single(content.Problems);
        Assert.Equal(("InvalidManifest", 10), (problem.Code, problem.Line));
        Assert.Contains("U+0000", problem.Message, StringComparison.Ordinal);
        Assert.True(content.HasSyntaxError);
    }

    [Fact]
    public void A_duplicate_key_spoils_its_object_alone()
    {
        var content = ManifestReader.Read("""
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Service, metadata: {name: a}}
            - apiVersion: v1
              kind: Service
              metadata: {name: b}
              spec:
                ports:
                - port: 80
                  port: 81
            - {apiVersion: v1, kind: Service, metadata: {name: c}}
            """, File);

        Assert.Equal(["a", "c"], content.Resources.Select(resource => resource.Metadata.Name));
        Assert.Equal("b", Assert.Single(content.Unreadable).Name);
        var problem = Assert.Single(content.Problems);
        Assert.Equal(("InvalidManifest", "Service default/b", "spec.ports[0].port", 11), (problem.Code, problem.Subject, problem.Path, problem.Line));
    }

    [Fact]
    public void A_duplicate_key_in_json_is_found_as_well()
    {
        var problem = Assert.Single(ManifestReader.Read("""
            { "apiVersion": "v1", "kind": "Service",
              "metadata": { "name": "a",
                "name": "b" } }
            """, "a.json").Problems);

        Assert.Equal(("metadata.name", 3), (problem.Path, problem.Line));
    }

    [Fact]
    public void Problems_are_capped_and_say_how_many_more_there_are()
    {
        var content = ManifestReader.Read(string.Concat(Enumerable.Repeat("---\nwords\n", 250)), File);

        Assert.Equal(101, content.Problems.Length);
        Assert.Equal("150 more problems are not listed", content.Problems[^1].Message);
    }

    [Fact]
    public void No_message_speaks_of_dotnet_types()
    {
        string[] broken = ["'x'", "[1]", "{a: b}", "~", "1.5", "yes", "2026-01-01"];
        var texts = from field in new[] { "spec", "metadata", "spec: {ports", "spec: {ports: [{port", "spec: {ports: [{targetPort", "spec: {selector" }
                    from value in broken
                    let close = string.Concat(field.Reverse().Where(c => c is '{' or '[').Select(c => c == '{' ? '}' : ']'))
                    select $"apiVersion: v1\nkind: Service\n{(field == "metadata" ? "" : "metadata: {name: a}\n")}{field}: {value}{close}\n";

        Assert.All(texts.SelectMany(text => ManifestReader.Read(text, File).Problems), problem =>
        {
            Assert.DoesNotContain("System.", problem.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("MeshSdk.", problem.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("cannot be read", problem.Message, StringComparison.Ordinal);
        });
    }
}
