using System.Collections.Concurrent;
using System.Net;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Sessions;

/// <summary>
/// A service <c>backend</c> that is divided between <c>v1</c> (two pods) and <c>v2</c> (one pod), with sessions, over a network in which each endpoint
/// answers with its own address.
/// </summary>
internal sealed class SessionMesh : IMeshTransportFactory, IAsyncDisposable
{
    public static readonly SessionPersistence Cookie = new() { Carrier = SessionCarrier.Cookie, Name = "place" };
    public static readonly SessionPersistence Header = new() { Carrier = SessionCarrier.Header, Name = "x-place" };

    private readonly MeshOptions _options;
    private TestMesh _mesh = null!;

    private SessionMesh(MeshOptions options) => _options = options;

    public FakeTimeProvider Clock { get; private init; } = new(new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero));

    /// <summary>The Cookie headers that arrived.</summary>
    public ConcurrentQueue<string> Cookies { get; } = new();

    /// <summary>What endpoints answer beside their address.</summary>
    public Action<HttpResponseMessage>? Answer { get; set; }

    public TestMesh Mesh => _mesh;

    public static RouteRule Rule(SessionPersistence? session, int stable = 90, int canary = 10) => Snapshots.Rule(("v1", stable), ("v2", canary)) with { Session = session };

    public static async Task<SessionMesh> StartAsync(SessionPersistence? session, FakeTimeProvider? clock = null, string? key = null) =>
        await StartAsync(new MeshOptions { SessionKey = key }, clock, Rule(session));

    public static async Task<SessionMesh> StartAsync(MeshOptions options, FakeTimeProvider? clock, params RouteRule[] rules)
    {
        var mesh = clock is null ? new SessionMesh(options) : new SessionMesh(options) { Clock = clock };
        options.TransportFactory = mesh;
        mesh._mesh = await TestMesh.StartAsync(new MeshEnvironment(options) { Time = mesh.Clock });
        mesh.SetPods("v1", Pod(1), Pod(2));
        mesh.SetPods("v2", Pod(3));
        mesh.SetRules(rules);
        return mesh;
    }

    public void SetRules(params RouteRule[] rules) => _mesh.Publish(Snapshots.Service("backend").Routed(rules));

    public void SetTable(RouteTable table) => _mesh.Publish(Snapshots.Service("backend").Routed(table));

    public void SetPods(string service, params EndpointModel[] pods) =>
        _mesh.Publish(Snapshots.Service(service).Clustered(c => c with { Endpoints = [.. pods] }));

    /// <param name="uid">Whose place it has taken; by default the one that always has that address.</param>
    public static EndpointModel Pod(int number, EndpointHealth health = EndpointHealth.Ready, int? uid = null) =>
        new($"10.0.0.{number}", 80, health) { PodId = new Guid(uid ?? number, 0, 0, new byte[8]) };

    public HttpClient CreateClient(HttpMessageHandler? primary = null) => _mesh.CreateClient(primary);

    public HttpMessageHandler Create(MeshTransportContext context) => new Handler(this, context.EndPoint.Address.ToString());

    public ValueTask DisposeAsync() => _mesh.DisposeAsync();

    /// <returns>Who served it, and the session that the client is told of, as the next request is to carry it.</returns>
    public static async Task<(string Server, string? Session)> CallAsync(
        HttpClient client, string? session = null, SessionPersistence? kind = null, string path = "/", MeshSession? jar = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend{path}");
        kind ??= Cookie;
        if (session is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(kind.Carrier == SessionCarrier.Cookie ? "Cookie" : kind.Name, session));
        }

        request.SetMeshSession(jar);
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (Assert.Single(response.Headers.GetValues("x-server")), SessionOf(response, kind));
    }

    private static string? SessionOf(HttpResponseMessage response, SessionPersistence kind)
    {
        if (kind.Carrier == SessionCarrier.Header)
        {
            return response.Headers.TryGetValues(kind.Name, out var values) ? Assert.Single(values) : null;
        }

        return response.Headers.TryGetValues("Set-Cookie", out var cookies) ? Assert.Single(cookies).Split(';')[0] : null;
    }

    private sealed class Handler(SessionMesh mesh, string address) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.NonValidated.TryGetValues("Cookie", out var cookies))
            {
                mesh.Cookies.Enqueue(cookies.ToString());
            }

            var response = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Headers = { { "x-server", address } } };
            mesh.Answer?.Invoke(response);
            return Task.FromResult(response);
        }
    }
}
