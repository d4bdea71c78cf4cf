using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>gRPC calls that a server has refused: sent once more, by the mesh and not by the route's leave, to another endpoint if there is one.</summary>
public sealed class RefusedCallTests
{
    private const int StreamsOfATry = 4;

    [Theory]
    [InlineData("refused", true, 2 * StreamsOfATry)]
    [InlineData("goaway", true, StreamsOfATry)] // nothing tells it from a connection that went while the server was at work, but that the stack has tried again
    [InlineData("refused", false, StreamsOfATry)]
    [InlineData("taken", true, 1)]
    public async Task A_call_that_a_server_refused_is_sent_once_more_and_no_other(string what, bool isUnary, int streams)
    {
        var seen = 0;
        await using var server = RawServer.Start(async connection =>
        {
            var http2 = new RawHttp2(connection);
            if (!await http2.TryOpenAsync())
            {
                return;
            }

            while (await http2.ReadRequestAsync() is { } request)
            {
                Interlocked.Increment(ref seen);
                if (what == "taken")
                {
                    // It may have acted on it: closes after a goodbye that names the stream.
                    await http2.GoAwayAsync(last: request.Stream);
                    return;
                }

                await (what == "goaway" ? http2.GoAwayAsync(last: 0) : http2.RefuseAsync(request.Stream));
            }
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/echo.Echo/Say")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Options.Set(RpcMethods.IsUnaryKey, isUnary);

        using var response = await client.SendAsync(request);

        Assert.Equal("14", Assert.Single(response.Headers.GetValues("grpc-status")));
        Assert.Equal(("UC", 1), (response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        Assert.Equal(streams, Volatile.Read(ref seen));
        await Eventually.IdleAsync(mesh);
    }
}
