using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Transport;

/// <summary>
/// Pings of HTTP/2, by whoever has asked for them. The HTTP stack takes its time from the machine's own clock, so that these tests take seconds: it pings no more
/// often than once in one.
/// </summary>
public sealed class KeepalivePingTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Long = TimeSpan.FromHours(1);

    /// <summary>Who asks.</summary>
    public enum Asker
    {
        Client,
        Mesh,
        Policy,

        /// <summary>The client, in a mesh that has other ideas.</summary>
        ClientAgainstMesh,
    }

    [Theory]
    [InlineData(Asker.Client)]
    [InlineData(Asker.Mesh)]
    [InlineData(Asker.Policy)]
    [InlineData(Asker.ClientAgainstMesh)]
    public async Task Pings_reach_the_wire_and_a_peer_that_answers_them_is_kept(Asker asker)
    {
        RawHttp2? seen = null;
        await using var server = RawServer.Start(async connection =>
        {
            var http2 = seen = new RawHttp2(connection);
            if (await http2.TryOpenAsync() && await http2.ReadRequestAsync() is { } request)
            {
                await http2.OkAsync(request.Stream);
                await http2.ReadRequestAsync();
            }
        });
        await using var mesh = await MeshAsync(asker, HttpKeepAlivePingPolicy.Always, server.EndPoint);
        using var client = Client(mesh, asker, HttpKeepAlivePingPolicy.Always);
        using var request = Call();
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        // Longer than a peer that does not answer is borne with.
        await Eventually.HoldsAsync(() => seen!.Pings >= 4, "pings are sent");

        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData(Asker.Client)]
    [InlineData(Asker.Mesh)]
    [InlineData(Asker.Policy)]
    public async Task A_peer_that_answers_no_pings_is_given_up_and_the_next_calls_are_answered(Asker asker)
    {
        var frozen = 0;
        await using var one = Start();
        await using var two = Start();
        await using var mesh = await MeshAsync(asker, HttpKeepAlivePingPolicy.WithActiveRequests, one.EndPoint, two.EndPoint);
        using var client = Client(mesh, asker, HttpKeepAlivePingPolicy.WithActiveRequests);
        using (var request = Call())
        {
            // The first server that is called answers nothing from then on.
            using var response = await client.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal("14", Assert.Single(response.Headers.GetValues("grpc-status")));

            // The HTTP stack has but one word for that and for a peer that breaks the rules.
            Assert.Equal("UPE", response.GetMeshCall()!.Flags);
        }

        await Eventually.IdleAsync(mesh);
        for (var i = 0; i < 2; i++)
        {
            using var next = Call();
            using var answer = await client.SendAsync(next).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.False(answer.Headers.Contains("grpc-status"));
        }

        RawServer Start() => RawServer.Start(async connection =>
        {
            var http2 = new RawHttp2(connection) { AnswersPings = false };
            if (!await http2.TryOpenAsync())
            {
                return;
            }

            while (await http2.ReadRequestAsync() is { } request)
            {
                if (Interlocked.Exchange(ref frozen, 1) == 1)
                {
                    await http2.OkAsync(request.Stream);
                }
            }
        });
    }

    private static Task<TestMesh> MeshAsync(Asker asker, HttpKeepAlivePingPolicy policy, params IPEndPoint[] endpoints)
    {
        var service = Snapshots.Service("backend", endpoints).Speaking(ClusterProtocol.Http2);
        var options = new MeshOptions();
        switch (asker)
        {
            case Asker.Mesh:
                options.ConfigureTransport = handler => Ask(handler, Second, policy);
                break;
            case Asker.ClientAgainstMesh:
                options.ConfigureTransport = handler => Ask(handler, Long, policy);
                break;
            case Asker.Policy:
                service = service.Clustered(static cluster => cluster with { Connections = cluster.Connections with { Ping = new(Second, Second) } });
                break;
        }

        return TestMesh.StartAsync(options, service);
    }

    private static HttpClient Client(TestMesh mesh, Asker asker, HttpKeepAlivePingPolicy policy)
    {
        var primary = new SocketsHttpHandler();
        if (asker is Asker.Client or Asker.ClientAgainstMesh)
        {
            Ask(primary, Second, policy);
        }

        return mesh.CreateClient(primary, new MeshClientOptions { RecordCalls = true });
    }

    private static void Ask(SocketsHttpHandler handler, TimeSpan time, HttpKeepAlivePingPolicy policy) =>
        (handler.KeepAlivePingDelay, handler.KeepAlivePingTimeout, handler.KeepAlivePingPolicy) = (time, time, policy);

    private static HttpRequestMessage Call() => new(HttpMethod.Post, "http://backend/echo.Echo/Say")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
    };
}
