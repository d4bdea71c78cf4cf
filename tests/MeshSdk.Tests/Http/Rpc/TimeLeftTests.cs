using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Rpc;

/// <summary>A server is told how much time a gRPC call has left when it is sent, not how much it had when it was made.</summary>
public sealed class TimeLeftTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _told = [];
    private Func<int, Exception?> _failure = static _ => null;

    private Task<TestMesh> StartAsync(ServiceModel service)
    {
        var options = new MeshOptions
        {
            TransportFactory = new ScriptedTransport(
                (sent, _) =>
                {
                    _told.Add(string.Join(',', sent.Request.Headers.GetValues(GrpcTimeout.Header)));
                    return _failure(sent.Number) is { } error
                        ? Task.FromException<HttpResponseMessage>(error)
                        : Task.FromResult(new HttpResponseMessage { Headers = { { "grpc-status", "0" } } });
                },
                _time),
        };
        return TestMesh.StartAsync(new MeshEnvironment(options) { Time = _time }, service);
    }

    private static ServiceModel Backend(int endpoints) =>
        Snapshots.Service("backend", [.. Enumerable.Range(1, endpoints).Select(static i => new IPEndPoint(new IPAddress([10, 0, 0, (byte)i]), 80))])
            .Speaking(ClusterProtocol.Http2);

    private static HttpRequestMessage Call(string version)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary")
        {
            Version = Version.Parse(version),
            Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
            Headers = { { GrpcTimeout.Header, "10S" } },
        };
        request.Options.Set(WaitForReady.Key, true);
        return request;
    }

    private static string SaidBy(HttpRequestMessage request) => string.Join(',', request.Headers.GetValues(GrpcTimeout.Header));

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task A_call_that_waited_for_an_endpoint_tells_what_is_left(string version)
    {
        await using var mesh = await StartAsync(Backend(0));
        using var client = mesh.CreateClient();
        using var request = Call(version);
        var call = client.SendAsync(request);

        _time.Advance(Wait);
        mesh.Publish(Backend(1));

        using var response = await call;
        Assert.Equal(["7000m"], _told);
        Assert.Equal("10S", SaidBy(request));
    }

    [Fact]
    public async Task So_does_one_whose_rule_changed_while_it_waited()
    {
        await using var mesh = await StartAsync(Backend(0).Routed(Snapshots.Rule(("nobody", 1))));
        mesh.Publish(Backend(0), Snapshots.Service("nobody"));
        using var client = mesh.CreateClient();
        using var request = Call("2.0");
        var call = client.SendAsync(request);

        _time.Advance(Wait);
        mesh.Publish(Backend(1).Routed(Snapshots.Rule(("backend", 1))));

        using var response = await call;
        Assert.Equal(["7000m"], _told);
        Assert.Equal("10S", SaidBy(request));
    }

    [Fact]
    public async Task And_one_that_could_not_be_sent_to_the_first_endpoint()
    {
        await using var mesh = await StartAsync(Backend(2));
        _failure = number =>
        {
            if (number > 1)
            {
                return null;
            }

            _time.Advance(Wait);
            return ScriptedTransport.Refused();
        };
        using var client = mesh.CreateClient();
        using var request = Call("2.0");

        using var response = await client.SendAsync(request);

        Assert.Equal(["10S", "7000m"], _told);
        Assert.Equal("10S", SaidBy(request));
    }

    [Fact]
    public async Task What_is_sent_at_once_is_told_what_the_caller_has_said()
    {
        await using var mesh = await StartAsync(Backend(1).Routed(RuledMesh.Rule(retry: RuledMesh.Retry(1, 503))));
        using var client = mesh.CreateClient();
        using var request = Call("2.0");
        using var response = await client.SendAsync(request);
        Assert.Equal(["10S"], _told);
    }
}
