using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MeshSdk.Samples.Tests.Echo;
using MeshSdk.Testing;

namespace MeshSdk.Samples.Tests.Web;

public sealed class WebSampleTests
{
    private readonly CancellationToken _cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;

    [Fact]
    public async Task The_page_comes_from_the_backends_in_the_shares_of_the_route()
    {
        await using var web = await new WebSample().StartAsync(_cancellation);

        var answers = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            answers.Add(await web.Client.GetStringAsync("/", _cancellation));
        }

        Assert.Equal((16, 4), (answers.Count(a => a == "hello from backend v1\n"), answers.Count(a => a == "hello from backend v2\n")));
        var metrics = await web.Client.GetStringAsync("/metrics", _cancellation);
        Assert.Equal((16, 4), (Requests(metrics, "backend-v1"), Requests(metrics, "backend-v2")));
        Assert.Equal("Healthy", await web.Client.GetStringAsync("/healthz", _cancellation));
        await web.WaitForOutputAsync("mesh.backend: sample/backend-v2:80", _cancellation);
    }

    [Fact]
    public async Task An_endpoint_for_one_caller_is_for_nobody_else()
    {
        using var files = new MeshFiles();
        files.Write(MeshFiles.Agent, files.Issue("web"));
        await using var web = await new WebSample()
            .With("Mesh__Identity__Directory", files.Path)
            .With("AllowedCaller", MeshFiles.IdOf("client"))
            .StartAsync(_cancellation);
        using HttpClient allowed = files.CreateClient(files.Issue("client")), other = files.CreateClient(files.Issue("other"));
        var (http, path) = (web.Client.BaseAddress!, "/whoami");
        var https = new Uri($"https://{http.Authority}");

        Assert.Equal($"{MeshFiles.IdOf("client")}\n", await allowed.GetStringAsync(new Uri(https, path), _cancellation));
        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync(new Uri(https, path), _cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await web.Client.GetAsync(path, _cancellation)).StatusCode);
    }

    [Fact]
    public async Task It_follows_a_live_cluster_where_it_is_told_to()
    {
        await using var cluster = await EmbeddedKubernetes.StartAsync(cancellationToken: _cancellation);
        using var folder = new TemporaryFolder();
        var kubeconfig = Path.Combine(folder.Path, "kubeconfig");
        cluster.WriteKubeconfig(kubeconfig);
        await using var web = new WebSample();
        await cluster.ApplyAsync("{ apiVersion: v1, kind: Namespace, metadata: { name: sample } }", _cancellation);
        foreach (var file in Directory.EnumerateFiles(web.Manifests))
        {
            await cluster.ApplyAsync(await File.ReadAllTextAsync(file, _cancellation), _cancellation);
        }

        // The files say four to one.
        await cluster.PatchAsync(
            "HTTPRoute", "sample", "backend", """{ "spec": { "rules": [{ "backendRefs": [{ "name": "backend-v2", "port": 80 }] }] } }""", _cancellation);
        await web.With("UseKubernetes", "true").With("KUBECONFIG", kubeconfig).StartAsync(_cancellation);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("hello from backend v2\n", await web.Client.GetStringAsync("/", _cancellation));
        }

        Assert.Equal("Healthy", await web.Client.GetStringAsync("/healthz", _cancellation));
    }

    [Fact]
    public async Task An_answer_of_the_mesh_itself_says_why()
    {
        await using var web = await new WebSample()
            .WithManifest("endpointslices.yaml", "")
            .StartAsync(_cancellation);

        var answer = await web.Client.GetAsync("/", _cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("no usable endpoint of sample/backend-v", await answer.Content.ReadAsStringAsync(_cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", "through the mesh")]
    [InlineData("false", "through DNS")]
    public async Task The_kill_switch_makes_calls_pass_through(string enabled, string expected)
    {
        // One name that leads to different servers by mesh and by DNS.
        await using var web = new WebSample();
        var (byDns, byMesh) = (web.Ports[0], web.Ports[1]);
        await web
            .WithManifest("kill-switch.yaml",
                $$"""
                apiVersion: v1
                kind: Service
                metadata: { name: localhost, namespace: sample }
                spec: { ports: [{ name: http, port: {{byDns}} }] }
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: { name: localhost-1, namespace: sample, labels: { kubernetes.io/service-name: localhost } }
                addressType: IPv4
                ports: [{ name: http, port: {{byMesh}} }]
                endpoints: [{ addresses: [127.0.0.1] }]
                """)
            .With("BackendUrl", $"http://localhost:{byDns}")
            .With("Backends__0__Text", "through DNS")
            .With("Backends__1__Text", "through the mesh")
            .With("Mesh__Enabled", enabled)
            .StartAsync(_cancellation);

        Assert.Equal(expected, await web.Client.GetStringAsync("/", _cancellation));
        Assert.Equal("Healthy", await web.Client.GetStringAsync("/healthz", _cancellation));
    }

    private static int Requests(string metrics, string service) =>
        Regex.Matches(metrics, $@"^istio_requests_total\{{(?<labels>.*)\}} (?<value>\d+)\s*$", RegexOptions.Multiline)
            .Where(line => line.Groups["labels"].Value is var labels
                && labels.Contains($"destination_service=\"{service}.sample.svc.cluster.local\"", StringComparison.Ordinal)
                && labels.Contains("response_code=\"200\"", StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture));
}
