using System.Text.RegularExpressions;

namespace MeshSdk.Tool.Tests.Lint;

/// <summary>
/// Each file in <c>Cases</c> says behind <c>#!</c>, on the line in question, what is to be found there: severity, code and path. It is to be found, and nothing
/// else, but for what the library says of features that it does not act on.
/// </summary>
public sealed partial class LintTests : IDisposable
{
    // Words of the compiler, which change with what it can do.
    private static readonly string[] OfCompiler =
        ["NotImplemented", "Ignored", "UnsupportedValue", "PartiallyInvalid", "NoBackends", "UnknownHost", "NoMatchingParent", "BackendNotFound", "InvalidKind", "TargetNotFound"];

    private readonly ManifestDirectory _manifests = new();

    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(System.IO.Path.Combine(AppContext.BaseDirectory, "Lint", "Cases")).Select(static file => System.IO.Path.GetFileNameWithoutExtension(file)).Order()];

    public void Dispose() => _manifests.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_wrong_is_found_at_its_line_and_nothing_else(string name)
    {
        var file = System.IO.Path.Combine(AppContext.BaseDirectory, "Lint", "Cases", name + ".yaml");
        string[] expected =
        [
            .. (await File.ReadAllLinesAsync(file)).SelectMany(static (text, i) => Expectation().Matches(text).Select(match => $"{i + 1}: {match.Groups[1].Value}")),
        ];
        var run = await ToolRun.Of("lint", "--manifests", file, "-o", "json");
        string[] found =
        [
            .. run.Json.EnumerateArray()
                .Select(static f => (Code: Text(f, "code"), Line: $"{f.GetProperty("line").GetInt32()}: {Text(f, "severity")} {Text(f, "code")} {Text(f, "path")}"))
                .Where(finding => !OfCompiler.Contains(finding.Code) || expected.Contains(finding.Line))
                .Select(static finding => finding.Line),
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Equal(run.Json.EnumerateArray().Any(static f => Text(f, "severity") == "error") ? 1 : 0, run.ExitCode);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task Text_has_a_line_for_each_finding_and_the_lines_of_a_file_in_order()
    {
        var file = _manifests.Write("a.yaml", """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: web, namespace: shop }
            spec:
              host: web
              trafficPolicy:
                tls: {}
              colour: red
            """);
        var run = await ToolRun.Of("lint", "--manifests", file);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            [$"{file}:7: warning TlsModeMissing DestinationRule shop/web spec.trafficPolicy.tls", $"{file}:8: error UnknownField DestinationRule shop/web spec.colour"],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[..line.IndexOf(": ", line.IndexOf("shop/web", StringComparison.Ordinal), StringComparison.Ordinal)]));
    }

    [Fact]
    public async Task Objects_of_JSON_have_lines_too()
    {
        var file = _manifests.Write("a.json", """
            {
              "apiVersion": "networking.istio.io/v1",
              "kind": "DestinationRule",
              "metadata": { "name": "web", "namespace": "shop" },
              "spec": {
                "host": "web",
                "trafficPolicy": {
                  "tls": {}
                }
              }
            }
            """);
        var finding = Assert.Single((await ToolRun.Of("lint", "--manifests", file, "-o", "json")).Json.EnumerateArray());
        Assert.Equal(8, finding.GetProperty("line").GetInt32());
        Assert.Equal(["severity", "code", "object", "path", "file", "line", "message"], finding.EnumerateObject().Select(static p => p.Name));
    }

    [Fact]
    public async Task A_syntax_error_ends_with_2_and_hides_no_other_document()
    {
        _manifests.Write("a.yaml", "a: [1\n");
        _manifests.Write("b.yaml", """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: web, namespace: shop }
            spec: { host: web, trafficPolicy: { tls: {} } }
            ---
            spec: "never closed
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: other, namespace: shop }
            spec: { host: other, trafficPolicy: { tls: {} } }
            """);
        var run = await ToolRun.Of("lint", "--manifests", _manifests.Path, "-o", "json");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(["DestinationRule shop/web", "DestinationRule shop/other"], run.Json.EnumerateArray().Select(static f => Text(f, "object")));
        Assert.Contains(run.ErrorLines, static line => line.Contains("a.yaml:", StringComparison.Ordinal) && line.Contains("(document 1)", StringComparison.Ordinal));
        Assert.Contains(run.ErrorLines, static line => line.Contains("b.yaml:", StringComparison.Ordinal) && line.Contains("(document 2)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_and_a_tab_end_with_2_and_a_line_each()
    {
        var bytes = _manifests.Write("a.yaml", "");
        await File.WriteAllBytesAsync(bytes, [0xFF, 0xFE, 0]);
        var tab = _manifests.Write("b.yaml", "\t- a: 1\n");
        var run = await ToolRun.Of("lint", "--manifests", _manifests.Path);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Collection(
            run.ErrorLines,
            line => Assert.Contains("a.yaml:1: the file is not text in UTF-8", line, StringComparison.Ordinal),
            line => Assert.Contains("b.yaml:1 (document 1): this is not YAML: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Standard_input_and_several_paths_add_up()
    {
        var service = _manifests.Write("service.yaml", """
            apiVersion: v1
            kind: Service
            metadata: { name: web, namespace: shop }
            spec: { ports: [{ port: 80 }] }
            """);
        const string Route = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: web, namespace: shop }
            spec: { parentRefs: [{ group: "", kind: Service, name: web }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
            """;
        var alone = await ToolRun.WithInput(Route, "lint", "--manifests", "-");
        Assert.Equal(0, alone.ExitCode);
        Assert.Contains("<stdin>:4: warning BackendNotFound", alone.Out, StringComparison.Ordinal);
        var together = await ToolRun.WithInput(Route, "lint", "--manifests", "-", "--manifests", service, "-o", "json");
        Assert.Equal((0, "[]"), (together.ExitCode, together.Out.Trim()));
    }

    [Theory]
    [InlineData("give --manifests")]
    [InlineData("there is no such file", "--manifests", "/nowhere/at/all.yaml")]
    public async Task Without_files_there_is_nothing_to_check(string message, params string[] arguments)
    {
        var run = await ToolRun.Of(["lint", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_takes_the_place_of_a_warning_about_the_same_field()
    {
        var file = _manifests.Write("a.yaml", """
            apiVersion: v1
            kind: Service
            metadata: { name: web, namespace: shop }
            spec: { ports: [{ port: 80 }] }
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: web, namespace: shop }
            spec:
              parentRefs: [{ group: "", kind: Service, name: web }]
              rules:
              - filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x, value: a }], remove: [X] } }]
                backendRefs: [{ name: web, port: 80 }]
            """);
        var run = await ToolRun.Of("lint", "--manifests", file, "-o", "json");
        var finding = Assert.Single(run.Json.EnumerateArray());
        Assert.Equal(
            (1, "error", "UnsupportedValue", "spec.rules[0].filters[0].requestHeaderModifier.remove[0]"),
            (run.ExitCode, Text(finding, "severity"), Text(finding, "code"), Text(finding, "path")));
    }

    [Theory]
    [InlineData("[{ method: PATCH }]", "matches PATCH, which is sent")]
    [InlineData("[{ method: GET }, { method: POST }]", "matches POST, which is sent")]
    [InlineData("[{ method: PATCH }, { method: POST }]", "matches POST and PATCH, which are sent")]
    [InlineData("[{ path: { value: /a } }]", "matches POST and PATCH, which are sent")]
    public async Task Retries_name_the_methods_that_they_cover(string matches, string part)
    {
        var run = await ToolRun.WithInput(
            $$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: web, namespace: shop }
            spec:
              parentRefs: [{ group: "", kind: Service, name: web }]
              rules: [{ matches: {{matches}}, retry: { attempts: 1 } }]
            """,
            "lint", "--manifests", "-", "-o", "json");
        var finding = Assert.Single(run.Json.EnumerateArray(), static finding => Text(finding, "code") == "RetryCoversPost");
        Assert.Contains(part, Text(finding, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_samples_are_without_errors()
    {
        var run = await ToolRun.Of("lint", "--manifests", System.IO.Path.Combine(AppContext.BaseDirectory, "samples", "k8s"));
        Assert.True(run.ExitCode == 0, run.Out);
    }

    [Fact]
    public async Task Each_sample_alone_is_without_errors()
    {
        var files = Directory.GetFiles(System.IO.Path.Combine(AppContext.BaseDirectory, "samples"), "*.yaml", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var run = await ToolRun.Of("lint", "--manifests", file);
            Assert.True(run.ExitCode == 0, run.Out);
        }
    }

    private static string Text(System.Text.Json.JsonElement finding, string name) => finding.GetProperty(name).GetString()!;

    [GeneratedRegex(@"#! (\w+ \w+ \S+)")]
    private static partial Regex Expectation();
}
