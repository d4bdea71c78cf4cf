using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Outliers;

/// <summary>Ejection over real sockets, with a clock that only the test moves.</summary>
public sealed class EjectionTests : IAsyncDisposable
{
    private static readonly OutlierDetectionModel Detection = new() { Consecutive5xx = 3, MaxEjectionPercent = 50 };

    private readonly FakeTimeProvider _time = new();
    private readonly List<IAsyncDisposable> _open = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_open))
        {
            await one.DisposeAsync();
        }
    }

    private T Open<T>(T one)
        where T : IAsyncDisposable
    {
        _open.Add(one);
        return one;
    }

    private async Task<EchoServer> ServeAsync(RequestDelegate? handle = null, HttpProtocols protocols = HttpProtocols.Http1) =>
        Open(await EchoServer.StartAsync("server", protocols, handle));

    private async Task<TestMesh> StartAsync(OutlierDetectionModel detection, RouteRule? rule, params IPEndPoint[] endpoints)
    {
        var service = Snapshots.Service("backend", endpoints).Clustered(c => c with { OutlierDetection = detection });
        return Open(await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions()) { Time = _time, Random = new Random(1) }, rule is null ? service : service.Routed(rule)));
    }

    private static bool IsEjected(TestMesh mesh, IPEndPoint endpoint) => mesh.Runtime.Ejections.Current.Any(e => e.Endpoint.Name == endpoint.ToString());

    // One after the other, until that many got an answer that is no error.
    private static async Task<int> FailuresAsync(HttpClient client, int calls)
    {
        var failures = 0;
        for (var i = 0; i < calls; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            failures += (int)response.StatusCode >= 500 ? 1 : 0;
        }

        return failures;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task An_endpoint_that_fails_is_sent_exactly_as_many_requests_as_the_threshold_says(int threshold)
    {
        var good = await ServeAsync();
        var bad = await ServeAsync(static context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var mesh = await StartAsync(Detection with { Consecutive5xx = threshold }, null, good.EndPoint, bad.EndPoint);
        using var client = mesh.CreateClient();

        // Turn and turn about: the last of these to the bad one is the one that ejects it.
        Assert.Equal(threshold, await FailuresAsync(client, 40));

        Assert.Equal(threshold, bad.Requests);
        Assert.Equal(40 - threshold, good.Requests);
        Assert.True(IsEjected(mesh, bad.EndPoint));
    }

    [Fact]
    public async Task It_returns_after_its_time_and_stays_away_longer_the_next_time()
    {
        var good = await ServeAsync();
        var bad = await ServeAsync(static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var mesh = await StartAsync(Detection, null, good.EndPoint, bad.EndPoint);
        using var client = mesh.CreateClient();
        foreach (var time in (int[])[30, 60, 90])
        {
            Assert.Equal(3, await FailuresAsync(client, 10));
            for (var passed = 10; passed < time; passed += 10)
            {
                _time.Advance(TimeSpan.FromSeconds(10));
                Assert.Equal(0, await FailuresAsync(client, 4));
            }

            Assert.True(IsEjected(mesh, bad.EndPoint));
            _time.Advance(TimeSpan.FromSeconds(10));
            Assert.False(IsEjected(mesh, bad.EndPoint));
        }

        Assert.Equal(9, bad.Requests);
    }

    [Theory]
    [InlineData("refuses", false)]
    [InlineData("refuses", true)]
    [InlineData("resets", false)]
    [InlineData("resets", true)]
    [InlineData("closes", false)]
    [InlineData("breaks off", false)]
    [InlineData("breaks off", true)]
    public async Task An_endpoint_that_cannot_be_talked_to_is_ejected(string how, bool splits)
    {
        var good = await ServeAsync();
        var bad = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            switch (how)
            {
                case "resets":
                    connection.Reset();
                    break;
                case "breaks off":
                    await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                    break;
            }
        });
        if (how == "refuses")
        {
            await bad.DisposeAsync();
        }
        else
        {
            Open(bad);
        }

        var mesh = await StartAsync(
            Detection with { Consecutive5xx = splits ? 0 : 3, SplitsLocalOrigin = splits, ConsecutiveLocalOriginFailures = 3 }, null, good.EndPoint, bad.EndPoint);
        using var client = mesh.CreateClient();
        var failures = 0;
        for (var i = 0; i < 20; i++)
        {
            try
            {
                using var response = await client.GetAsync("http://backend/");
                failures += response.IsSuccessStatusCode ? 0 : 1;
            }
            catch (HttpRequestException)
            {
                failures++;
            }
        }

        Assert.Equal(3, failures);
        Assert.True(IsEjected(mesh, bad.EndPoint));
        Assert.Equal(17, good.Requests);
    }

    [Theory]
    [InlineData("hangs")]
    [InlineData("is slow")] // its headers come, its body does not
    public async Task An_endpoint_that_is_too_slow_for_its_route_is_ejected(string how)
    {
        var good = await ServeAsync();
        var bad = Open(RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            if (how == "is slow")
            {
                await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            }

            await Task.Delay(Timeout.Infinite, connection.Stop);
        }));
        var mesh = await StartAsync(Detection, RuledMesh.Rule(RuledMesh.Timeouts(500)), good.EndPoint, bad.EndPoint);
        using var client = mesh.CreateClient();
        client.Timeout = Timeout.InfiniteTimeSpan;
        for (var failures = 0; failures < 3;)
        {
            Assert.False(IsEjected(mesh, bad.EndPoint));
            var call = client.GetAsync("http://backend/");
            await Eventually.HoldsAsync(() =>
            {
                // Never while the good one is at work: its time is measured as well.
                if (!call.IsCompleted && bad.Requests > failures)
                {
                    _time.Advance(TimeSpan.FromMilliseconds(500));
                }

                return call.IsCompleted;
            });
            try
            {
                using var response = await call;
                failures += response.IsSuccessStatusCode ? 0 : 1;
            }
            catch (HttpRequestException)
            {
                failures++;
            }
        }

        Assert.True(IsEjected(mesh, bad.EndPoint));
        Assert.Equal(0, await FailuresAsync(client, 10));
        Assert.Equal(3, bad.Requests);
    }

    [Fact]
    public async Task An_endpoint_whose_gRPC_calls_fail_in_their_trailers_is_ejected()
    {
        RequestDelegate Answering(string status) => async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", status);
        };
        var good = await ServeAsync(Answering("0"), HttpProtocols.Http2);
        var bad = await ServeAsync(Answering("14"), HttpProtocols.Http2);
        var mesh = Open(await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions()) { Time = _time },
            Snapshots.Service("backend", good.EndPoint, bad.EndPoint)
                .Speaking(ClusterProtocol.Http2).Clustered(static c => c with { OutlierDetection = Detection })));
        using var client = mesh.CreateClient();
        for (var i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
            };
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(3, bad.Requests);
        Assert.True(IsEjected(mesh, bad.EndPoint));
    }

    [Fact]
    public async Task A_retry_goes_where_nobody_is_ejected()
    {
        var good = await ServeAsync();
        var bad = await ServeAsync(static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var mesh = await StartAsync(
            Detection with { MaxEjectionPercent = 67 }, RuledMesh.Rule(retry: new RouteRetry(3, [503], TimeSpan.FromMilliseconds(1))), good.EndPoint, bad.EndPoint);
        using var client = mesh.CreateClient();
        client.Timeout = Timeout.InfiniteTimeSpan;
        for (var i = 0; i < 20; i++)
        {
            var call = client.GetAsync("http://backend/");
            await Eventually.HoldsAsync(() =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                return call.IsCompleted;
            });
            using var response = await call;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(3, bad.Requests);
    }

    [Fact]
    public async Task Callers_that_give_up_eject_nobody()
    {
        var server = await ServeAsync(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var other = await ServeAsync(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var mesh = await StartAsync(Detection with { Consecutive5xx = 1, MaxEjectionPercent = 100 }, null, server.EndPoint, other.EndPoint);
        using var client = mesh.CreateClient();
        using var stop = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 20).Select(_ => client.GetAsync("http://backend/", stop.Token)).ToArray();
        await Eventually.HoldsAsync(() => server.Requests + other.Requests == 20, "all have arrived");
        await stop.CancelAsync();
        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        await Eventually.IdleAsync(mesh);
        Assert.Equal(0, mesh.Runtime.Ejections.Count);
    }

    [Fact]
    public async Task Among_a_thousand_calls_at_once_the_bad_one_is_ejected_and_the_others_are_not()
    {
        var good = await ServeAsync();
        var other = await ServeAsync();
        var bad = await ServeAsync(static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var mesh = await StartAsync(Detection with { Consecutive5xx = 5 }, null, good.EndPoint, bad.EndPoint, other.EndPoint);
        using var primary = new SocketsHttpHandler { MaxConnectionsPerServer = 32 };
        using var client = mesh.CreateClient(primary);
        client.Timeout = Timeout.InfiniteTimeSpan;
        var statuses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            using var response = await client.GetAsync("http://backend/");
            return (int)response.StatusCode;
        }));

        Assert.Equal(1000, statuses.Count(static s => s == 200) + bad.Requests); // who was sent there failed, and nobody else
        Assert.True(IsEjected(mesh, bad.EndPoint));
        Assert.Equal(1, mesh.Runtime.Ejections.Count);
        Assert.Equal(0, await FailuresAsync(client, 20));
        Assert.All(mesh.Cluster().Usable, static e => Assert.Equal(0, e.ActiveRequests));
    }

    [Fact]
    public async Task Where_all_are_ejected_there_is_nobody_to_send_to()
    {
        var bad = await ServeAsync(static context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var mesh = await StartAsync(Detection with { MaxEjectionPercent = 100 }, null, bad.EndPoint);
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        Assert.Equal(5, await FailuresAsync(client, 5));
        using var response = await client.GetAsync("http://backend/");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UH"), (response.StatusCode, response.GetMeshCall()!.Flags));
        Assert.Equal(3, bad.Requests);
    }
}
