using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Transport;

/// <summary>A connection of HTTP/2 is used when its server has begun to speak, and not before; one on which it never does was not made.</summary>
public sealed class FirstSettingsTests
{
    [Fact]
    public async Task Who_comes_together_is_spread_over_as_many_connections_as_the_server_asks_for()
    {
        var refused = 0;
        await using var server = RawServer.Start(async connection =>
        {
            var http2 = new RawHttp2(connection) { MaxStreams = 1 };
            if (!await http2.TryOpenAsync())
            {
                return;
            }

            var last = 0;
            while (await http2.ReadRequestAsync() is { } request)
            {
                // A burst would come as streams that follow one another without an answer in between.
                if (last != 0 && request.Stream != last + 2)
                {
                    Interlocked.Increment(ref refused);
                }

                last = request.Stream;
                await http2.OkAsync(request.Stream);
            }
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient();
        var calls = Enumerable.Range(0, 20).Select(_ => client.GetAsync("http://backend/")).ToArray();
        foreach (var call in calls)
        {
            using var response = await call.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(0, refused);
        await Eventually.IdleAsync(mesh);
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("closed after preface")]
    [InlineData("reset")]
    public async Task A_server_that_goes_before_it_begins_could_not_be_connected_to_and_a_call_goes_elsewhere(string how)
    {
        await using var server = RawServer.Start(async connection =>
        {
            if (how != "closed")
            {
                await new RawHttp2(connection).TryReadPrefaceAsync();
            }

            if (how == "reset")
            {
                connection.Reset();
            }
        });
        await using var well = WellServer();
        await using var mesh = await TestMesh.StartAsync(
            Snapshots.Service("backend", server.EndPoint, well.EndPoint).Speaking(ClusterProtocol.Http2),
            Snapshots.Service("alone", server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });

        using (var response = await client.GetAsync("http://alone/"))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "UF"), (response.StatusCode, response.GetMeshCall()!.Flags));
        }

        for (var i = 0; i < 4; i++)
        {
            using var call = Call("http://backend/echo.Echo/Say");
            using var response = await client.SendAsync(call);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.False(response.Headers.Contains("grpc-status"));
        }

        await Eventually.IdleAsync(mesh);
        await Eventually.IdleAsync(mesh, "http://alone");
    }

    [Fact]
    public async Task A_server_that_never_begins_is_waited_for_as_long_as_for_a_connection()
    {
        var isOpen = new TaskCompletionSource();
        await using var silent = RawServer.Start(async connection =>
        {
            if (await new RawHttp2(connection).TryReadPrefaceAsync())
            {
                isOpen.TrySetResult();
                await Task.Delay(Timeout.Infinite, connection.Stop);
            }
        });
        var time = new FakeTimeProvider();
        await using var mesh = await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions()) { Time = time },
            Snapshots.Service("backend", silent.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        var call = client.GetAsync("http://backend/");
        await isOpen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(call.IsCompleted);

        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return call.IsCompleted;
        });

        using var response = await call;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UF"), (response.StatusCode, response.GetMeshCall()!.Flags));
        Assert.Contains("did not begin to speak HTTP/2 within 10 s", response.ReasonPhrase, StringComparison.Ordinal);
    }

    private static RawServer WellServer() => RawServer.Start(static async connection =>
    {
        var http2 = new RawHttp2(connection);
        if (await http2.TryOpenAsync())
        {
            while (await http2.ReadRequestAsync() is { } request)
            {
                await http2.OkAsync(request.Stream);
            }
        }
    });

    private static HttpRequestMessage Call(string uri) => new(HttpMethod.Post, uri)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
    };
}
