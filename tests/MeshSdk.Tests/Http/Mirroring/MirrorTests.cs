using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http;
using MeshSdk.Http.Attempts;
using MeshSdk.Http.Bodies;
using MeshSdk.Http.Mirroring;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.Tests.Http.Mirroring;

/// <summary>Copies go elsewhere, and the request itself does not notice.</summary>
public sealed class MirrorTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IMeterFactory _meters;
    private readonly MetricCollector<long> _mirrored;

    public MirrorTests()
    {
        _meters = _services.GetRequiredService<IMeterFactory>();
        _mirrored = new MetricCollector<long>(_meters, "MeshSdk", "mesh.mirror.requests");
    }

    public void Dispose()
    {
        _mirrored.Dispose();
        _services.Dispose();
    }

    private static MirrorFilter To(string service, int numerator = 1, int denominator = 1) =>
        new(new BackendModel(Snapshots.Cluster(service), 1), numerator, denominator);

    private static ServiceModel Mirror(string name, int endpoints = 1) => Snapshots.Service(
        name, [.. Enumerable.Range(1, endpoints).Select(static i => new IPEndPoint(new IPAddress([10, 9, 0, (byte)i]), 80))]);

    private Task<RuledMesh> StartAsync(
        Func<Sent, CancellationToken, Task<HttpResponseMessage>> answer, RouteRule rule, MeshOptions? options = null, params ServiceModel[] mirrors) =>
        RuledMesh.StartAsync(rule, answer, 1, null, options, new MeshEnvironment(new MeshOptions()) { Meters = _meters }, mirrors);

    private static RouteRule Rule(params MirrorFilter[] filters) => RuledMesh.Rule() with { Filters = [.. filters] };

    // What the steps of a rule do with its filters, for mirrors alone.
    private static async Task<HttpResponseMessage> SendAsync(RuledMesh mesh, HttpRequestMessage request)
    {
        var engine = mesh.Mesh.Runtime.Engine;
        var frontend = engine.FindFrontend(request.RequestUri)!;
        var client = new ClientSettings { RecordCalls = true };
        var rule = Assert.Single(frontend.Routes!.Rules);
        MirrorCall[] mirrors = [.. rule.Filters.Select(f => engine.Attempts.Mirrors.Take(f, request, frontend, client)).OfType<MirrorCall>()];
        var attempts = new RequestAttempts(engine);
        attempts.Start(request, frontend, client, null, null);
        return (await attempts.SendAsync(Router.Forward(frontend, rule.NextBackend(), request), mirrors, CancellationToken.None))!;
    }

    private static HttpRequestMessage Post(HttpContent? content = null) =>
        new(HttpMethod.Post, "http://backend/path?query") { Content = content ?? new StringContent("body"), Headers = { { "X-Own", ["a", "b"] } } };

    private static Func<Sent, CancellationToken, Task<HttpResponseMessage>> Ok => static (_, _) => Task.FromResult(ScriptedTransport.Response(200, "ok"));

    private static Sent[] SentTo(RuledMesh mesh, string service) => [.. mesh.Network.Log.Where(s => s.Backend == $"test/{service}:80")];

    private Task<string> OutcomesAsync(params string[] outcomes) => Eventually.HoldsAsync(
        () => string.Join(' ', _mirrored.GetMeasurementSnapshot().Select(static m => (string)m.Tags["outcome"]!).Order()),
        told => told == string.Join(' ', outcomes.Order()));

    private static Task IdleAsync(RuledMesh mesh) =>
        Eventually.HoldsAsync(() => mesh.Mesh.Runtime.Engine.Attempts.Mirrors.Running == 0, "no mirrors under way");

    [Fact]
    public async Task A_copy_carries_all_that_the_request_does_and_goes_to_one_endpoint()
    {
        await using var mesh = await StartAsync(Ok, Rule(To("mirror")), null, Mirror("mirror", endpoints: 3));
        using var request = Post();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        using var response = await SendAsync(mesh, request);
        await OutcomesAsync("sent");

        var copy = Assert.Single(SentTo(mesh, "mirror"));
        Assert.Equal("test/backend:80", response.GetMeshCall()!.Backend);
        Assert.Equal((HttpMethod.Post, "/path?query", "body"), (copy.Request.Method, copy.Request.RequestUri!.PathAndQuery, copy.Body));
        Assert.Equal(["a", "b"], copy.Request.Headers.GetValues("X-Own"));
        Assert.Equal("Bearer secret", copy.Request.Headers.Authorization!.ToString());
        Assert.Equal("text/plain; charset=utf-8", copy.Request.Content!.Headers.ContentType!.ToString());
        Assert.NotSame(request, copy.Request);
        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Credentials_can_be_kept_back()
    {
        await using var mesh = await StartAsync(Ok, Rule(To("mirror")), new MeshOptions { StripMirrorCredentials = true }, Mirror("mirror"));
        using var request = Post();
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("Cookie", "a=b");
        request.Headers.Add("Proxy-Authorization", "Basic x");
        using var response = await SendAsync(mesh, request);
        await OutcomesAsync("sent");
        Assert.Equal(["X-Own"], Assert.Single(SentTo(mesh, "mirror")).Request.Headers.Select(static h => h.Key));
        Assert.Equal(4, Assert.Single(SentTo(mesh, "backend")).Request.Headers.Count());
    }

    [Fact]
    public async Task Several_mirrors_each_get_their_share()
    {
        await using var mesh = await StartAsync(
            Ok, Rule(To("half", 25, 50), To("fifth", 20, 100), To("none", 0, 100), To("all", 1, 1)), null, Mirror("half"), Mirror("fifth"), Mirror("none"), Mirror("all"));
        for (var i = 0; i < 100; i++)
        {
            using var request = Post();
            using var response = await SendAsync(mesh, request);
            await IdleAsync(mesh);
        }

        Assert.Equal((50, 20, 0, 100), (SentTo(mesh, "half").Length, SentTo(mesh, "fifth").Length, SentTo(mesh, "none").Length, SentTo(mesh, "all").Length));
    }

    public static TheoryData<string, string?> Bodies => new()
    {
        { "none", "" }, { "bytes", "body" }, { "stream", "body" }, { "known", "body" }, { "json", "\"body\"" }, { "grpc", "body" },
        { "largest", new string('x', KeptBytes.Most) }, { "large bytes", null }, { "large stream", null }, { "large known", null },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_goes_to_both_and_is_too_large_for_a_copy_beyond_64_KiB(string kind, string? copied)
    {
        var large = new string('x', KeptBytes.Most + 1);
        HttpContent? content = kind switch
        {
            "none" => null,
            "bytes" => new ByteArrayContent("body"u8.ToArray()),
            "stream" => new StreamContent(new Attempts.Unseekable("body")),
            "known" => new StreamContent(new MemoryStream("body"u8.ToArray())),
            "json" => System.Net.Http.Json.JsonContent.Create("body"),
            "grpc" => new StreamContent(new Attempts.Unseekable("body")) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
            "largest" => new StreamContent(new Attempts.Unseekable(new string('x', KeptBytes.Most))),
            "large bytes" => new StringContent(large),
            "large stream" => new StreamContent(new Attempts.Unseekable(large)),
            _ => new StreamContent(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(large))),
        };
        await using var mesh = await StartAsync(Ok, Rule(To("mirror")), null, Mirror("mirror"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = content };
        using var response = await SendAsync(mesh, request);
        await OutcomesAsync(copied is null ? "dropped" : "sent");

        Assert.Same(content, request.Content);
        Assert.Equal(copied ?? large, Assert.Single(SentTo(mesh, "backend")).Body);
        Assert.Equal(copied is null ? [] : [copied], SentTo(mesh, "mirror").Select(static s => s.Body));
    }

    public static TheoryData<string, string> Troubles => new()
    {
        { "refused", "failed" }, { "500", "sent" }, { "no endpoint", "dropped" }, { "wants TLS", "dropped" }, { "hangs", "failed" },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Whatever_a_mirror_does_the_request_does_not_notice(string trouble, string outcome)
    {
        var mirror = trouble switch
        {
            "no endpoint" => Mirror("mirror", endpoints: 0),
            "wants TLS" => Mirror("mirror").WantingTls(),
            _ => Mirror("mirror"),
        };
        await using var mesh = await StartAsync(
            (sent, token) => (sent.Backend, trouble) switch
            {
                ("test/backend:80", _) => Task.FromResult(ScriptedTransport.Response(200, "ok")),
                (_, "refused") => throw ScriptedTransport.Refused(),
                (_, "hangs") => ScriptedTransport.HangAsync(token),
                _ => Task.FromResult(ScriptedTransport.Response(500)),
            },
            Rule(To("mirror")), null, mirror);
        using var request = Post();

        using var response = await SendAsync(mesh, request);

        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        if (trouble == "hangs")
        {
            await mesh.SentAsync(2);
            mesh.Time.Advance(Mirrors.Patience);
        }

        await OutcomesAsync(outcome);
        await IdleAsync(mesh);
        Assert.Equal(trouble is "no endpoint" or "wants TLS" ? 0 : 1, SentTo(mesh, "mirror").Length);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    public async Task What_the_network_encrypts_is_not_copied_in_the_clear(bool isSecret, bool isSafe, bool isSent)
    {
        await using var mesh = await StartAsync(
            static (_, _) => Task.FromResult(ScriptedTransport.Response(200)), Rule(To("mirror")), null, Tunneled(Mirror("mirror"), isSafe));
        mesh.Mesh.Endpoint().Model = mesh.Mesh.Endpoint().Model with { IsTunneled = isSecret };
        using var request = Post();

        using var response = await SendAsync(mesh, request);

        await OutcomesAsync(isSent ? "sent" : "dropped");
        await IdleAsync(mesh);
        Assert.Equal(isSent ? 1 : 0, SentTo(mesh, "mirror").Length);

        static ServiceModel Tunneled(ServiceModel service, bool isTunneled) =>
            service.Clustered(c => c with { Endpoints = [.. c.Endpoints.Select(e => e with { IsTunneled = isTunneled })] });
    }

    [Fact]
    public async Task An_answer_without_an_end_is_read_up_to_a_bound()
    {
        await using var mesh = await StartAsync(
            (sent, _) => Task.FromResult(sent.Backend == "test/mirror:80"
                ? new HttpResponseMessage { Content = new StreamContent(new Endless()) }
                : ScriptedTransport.Response(200)),
            Rule(To("mirror")), null, Mirror("mirror"));
        using var request = Post();
        using var response = await SendAsync(mesh, request);
        await OutcomesAsync("sent");
        await IdleAsync(mesh);
    }

    [Fact]
    public async Task More_than_a_bounded_number_at_once_are_dropped()
    {
        await using var mesh = await StartAsync(
            (sent, token) => sent.Backend == "test/mirror:80" ? ScriptedTransport.HangAsync(token) : Task.FromResult(ScriptedTransport.Response(200)),
            Rule(To("mirror")), null, Mirror("mirror"));
        for (var i = 0; i < Mirrors.MostAtOnce + 2; i++)
        {
            using var request = Post();
            using var response = await SendAsync(mesh, request);
        }

        Assert.Equal(Mirrors.MostAtOnce, mesh.Mesh.Runtime.Engine.Attempts.Mirrors.Running);
        await OutcomesAsync("dropped", "dropped");
    }

    [Fact]
    public async Task A_mesh_that_is_disposed_of_stops_them()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (var mesh = await StartAsync(
            async (sent, token) =>
            {
                if (sent.Backend == "test/mirror:80")
                {
                    await using var _ = token.Register(stopped.SetResult);
                    await ScriptedTransport.HangAsync(token);
                }

                return ScriptedTransport.Response(200);
            },
            Rule(To("mirror")), null, Mirror("mirror")))
        {
            using var request = Post();
            using var response = await SendAsync(mesh, request);
            await mesh.SentAsync(2);
        }

        await stopped.Task;
        await OutcomesAsync("failed");
    }

    [Fact]
    public async Task A_retried_request_is_mirrored_once()
    {
        var rule = Rule(To("mirror")) with { Retry = RuledMesh.Retry(3, 500) };
        await using var mesh = await StartAsync(
            static (sent, _) => Task.FromResult(ScriptedTransport.Response(sent.Backend == "test/backend:80" ? 500 : 200)), rule, null, Mirror("mirror"));
        using var request = Post(new StreamContent(new Attempts.Unseekable("body")));
        using var response = await mesh.PassAsync(SendAsync(mesh, request));
        await OutcomesAsync("sent");
        Assert.Equal((4, 1), (SentTo(mesh, "backend").Length, SentTo(mesh, "mirror").Length));
        Assert.All(mesh.Network.Log, static sent => Assert.Equal("body", sent.Body));
    }

    [Fact]
    public async Task A_request_that_goes_nowhere_is_not_mirrored()
    {
        await using var mesh = await StartAsync(Ok, Rule(To("mirror")), null, Mirror("mirror"));
        mesh.Mesh.Publish(Snapshots.Service("backend").Routed(Snapshots.Table(Rule(To("mirror")))));
        using var request = Post();
        using var response = await SendAsync(mesh, request);
        Assert.Equal("UH", response.GetMeshCall()!.Flags);
        Assert.Empty(mesh.Network.Log);
    }

    [Fact]
    public async Task They_run_without_the_callers_context()
    {
        var local = new AsyncLocal<string>();
        string? seen = "nothing";
        await using var mesh = await StartAsync(
            (sent, _) =>
            {
                if (sent.Backend == "test/mirror:80")
                {
                    seen = local.Value;
                }

                return Task.FromResult(ScriptedTransport.Response(200));
            },
            Rule(To("mirror")), null, Mirror("mirror"));
        local.Value = "caller";
        using var request = Post();
        using var response = await SendAsync(mesh, request);
        await OutcomesAsync("sent");
        Assert.Null(seen);
    }

    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
