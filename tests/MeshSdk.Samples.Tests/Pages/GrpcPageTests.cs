using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Grpc.Core;
using GrpcCanary.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Samples.Tests.Pages;

/// <summary>docs/grpc.md is so: its code is compiled, and calls fail with the words of its table.</summary>
public sealed partial class GrpcPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("docs/grpc.md", "# gRPC")]
    [InlineData("README.md", "### gRPC")]
    public async Task What_is_shown_is_compiled(string page, string heading)
    {
        var text = await ReadAsync(page);
        var section = text[text.IndexOf($"{heading}\n", StringComparison.Ordinal)..];
        var end = heading.StartsWith("###", StringComparison.Ordinal) ? section.IndexOf("\n### ", 1, StringComparison.Ordinal) : section.Length;
        var code = Lines(await ReadAsync("tests/MeshSdk.Samples.Tests/Pages/GrpcSnippets.cs"));

        var blocks = Code().Matches(section[..end]).Select(static block => Lines(block.Groups["text"].Value)).ToList();

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(block, code, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NR")]
    [InlineData("NC")]
    [InlineData("UH")]
    [InlineData("UF")]
    [InlineData("UC")]
    [InlineData("UO")]
    [InlineData("UT")]
    public async Task Calls_fail_with_the_words_of_the_page(string flag)
    {
        var row = Row().Matches(await ReadAsync("docs/grpc.md")).Single(row => row.Groups["flag"].Value == flag);
        var arrived = new TaskCompletionSource();
        await using var server = await ServeAsync(context => AnswerAsync(context, flag, arrived));
        var address = IPEndPoint.Parse(new Uri(server.Urls.Single()).Authority);
        var source = new InMemorySource();
        source.Apply(flag switch
        {
            "NR" => Service("backend", null) + Route("GRPCRoute", "backend", "{ matches: [{ method: { service: canary.Greeter, method: Preview } }] }"),
            "NC" => Service("backend", null) + Route("GRPCRoute", "backend", "{ backendRefs: [{ name: backend-v9, port: 7070 }] }"),
            "UH" => Service("backend-v1", null),
            "UF" => Service("backend-v1", Unused()),
            "UC" => Service("backend-v1", address),
            "UO" => Service("backend-v1", address) + Limit,
            _ => Service("orders", address) + Route("HTTPRoute", "orders", "{ backendRefs: [{ name: orders, port: 7070 }], timeouts: { request: 300ms } }"),
        });
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source, Namespace = "shop" }, cancellationToken: TestContext.Current.CancellationToken);
        using var invoker = mesh.CreateCallInvoker(flag switch { "NR" or "NC" => "backend:7070", "UT" => "orders:7070", _ => "backend-v1:7070" });
        var greeter = new Greeter.GreeterClient(invoker);
        using var under = flag == "UO" ? greeter.HelloAsync(new HelloRequest(), cancellationToken: TestContext.Current.CancellationToken) : null;
        await (under is null ? Task.CompletedTask : arrived.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));

        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await greeter.HelloAsync(new HelloRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((row.Groups["status"].Value, flag), ($"{error.StatusCode}", error.GetMeshCall()?.Flags));
        var detail = Loopback().Replace(error.Status.Detail, "10.0.0.7:7070").Replace("the 0.3 s", "the 10 s", StringComparison.Ordinal);
        Assert.StartsWith(row.Groups["detail"].Value.Split('…')[0], detail, StringComparison.Ordinal);
        Assert.EndsWith($"{flag})", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_would_pass_the_mesh_by_is_refused_with_the_words_of_the_page()
    {
        var services = new ServiceCollection();
        services.AddMesh(static mesh => mesh.UseInMemory(new InMemorySource()).UseGrpc());
        services.AddGrpcClient<Greeter.GreeterClient>(static client => client.Address = new Uri("http://backend:7070"))
            .ConfigureChannel(static channel => channel.HttpHandler = new SocketsHttpHandler())
            .AddMeshRouting();
        await using var provider = services.BuildServiceProvider();

        var error = Assert.ThrowsAny<InvalidOperationException>(() => provider.GetRequiredService<Greeter.GreeterClient>());

        var shown = Text().Matches(await ReadAsync("docs/grpc.md")).Select(static block => block.Groups["text"].Value.Trim().Replace('\n', ' '));
        Assert.Contains(error.Message, shown);
    }

    private const string Limit = """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: backend-v1, namespace: shop }
        spec: { host: backend-v1.shop.svc.cluster.local, trafficPolicy: { connectionPool: { http: { http2MaxRequests: 1 } } } }
        """;

    private static string Service(string name, IPEndPoint? endpoint) => $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: shop }
        spec: { clusterIP: None, ports: [{ name: grpc, port: 7070 }] }
        ---

        """ + (endpoint is null ? "" : $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: {{name}}, namespace: shop, labels: { kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{ name: grpc, port: {{endpoint.Port}}, protocol: TCP }]
        endpoints: [{ addresses: ["{{endpoint.Address}}"], conditions: { ready: true } }]
        ---

        """);

    private static string Route(string kind, string service, string rule) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: {{kind}}
        metadata: { name: {{service}}, namespace: shop }
        spec: { parentRefs: [{ group: "", kind: Service, name: {{service}} }], rules: [{{rule}}] }
        """;

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task AnswerAsync(HttpContext context, string flag, TaskCompletionSource arrived)
    {
        arrived.TrySetResult();
        if (flag == "UC")
        {
            context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Where nobody listens.
    private static IPEndPoint Unused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private static string Lines(string text) =>
        string.Concat(text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0).Select(static line => line + "\n"));

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(SampleOutput.Root, file), TestContext.Current.CancellationToken);

    [GeneratedRegex("^```csharp\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("^```text\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Text();

    [GeneratedRegex(@"^\| `(?<status>\w+)`, `(?<flag>\w\w)` \| (?<detail>.+?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Loopback();
}
