using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>
/// What the HTTP stack sends again by itself, below the mesh: streams of HTTP/2 that a server has given up unprocessed. It does so up to three times for
/// each try of the mesh, at the same endpoint, whether or not a rule retries, and has nothing that would tell of it for every request. These
/// tests hold on to that, so that a runtime that changes it is noticed.
/// </summary>
public sealed class HiddenResendTests
{
    private const int ResendsOfTheStack = 3;

    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    public static TheoryData<bool, string, int, int, int, string, int, int> GivenUp => new()
    {
        // GOAWAY in place of REFUSED_STREAM, body, retries of the rule, how many are given up → status, flags, attempts, streams that the server saw
        { false, "", 0, 1, 200, "-", 1, 2 },
        { false, "text", 0, 1, 200, "-", 1, 2 },
        { true, "", 0, 1, 200, "-", 1, 2 },
        { true, "text", 0, 1, 200, "-", 1, 2 },
        { false, "", 0, int.MaxValue, 503, "UC", 1, 1 + ResendsOfTheStack },
        { true, "", 0, int.MaxValue, 503, "UC", 1, 1 + ResendsOfTheStack },
        { false, "", 1, 5, 200, "-", 2, 6 },
        { false, "text", 1, 5, 200, "-", 2, 6 },
        { false, "", 1, int.MaxValue, 503, "UC,URX", 2, 2 * (1 + ResendsOfTheStack) },
        { true, "text", 1, int.MaxValue, 503, "UC,URX", 2, 2 * (1 + ResendsOfTheStack) },
    };

    [Theory]
    [MemberData(nameof(GivenUp))]
    public async Task Streams_that_were_given_up_unprocessed_are_sent_again_out_of_sight(
        bool goAway, string body, int retries, int givenUp, int status, string flags, int attempts, int streams)
    {
        var seen = 0;
        var bodies = new List<string>();
        await using var server = RawServer.Start(async connection =>
        {
            var http2 = new RawHttp2(connection);
            if (!await http2.TryOpenAsync())
            {
                return;
            }

            while (await http2.ReadRequestAsync() is { } request)
            {
                lock (bodies)
                {
                    bodies.Add(request.Body);
                }

                if (Interlocked.Increment(ref seen) > givenUp)
                {
                    await http2.OkAsync(request.Stream);
                }
                else if (goAway)
                {
                    await http2.GoAwayAsync(last: 0);
                }
                else
                {
                    await http2.RefuseAsync(request.Stream);
                }
            }
        });
        var rule = RuledMesh.Rule(RuledMesh.Timeouts(60_000), retries == 0 ? null : RuledMesh.Retry(retries));
        await using var mesh = await TestMesh.StartAsync(
            Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2).Routed(Snapshots.Table(rule)));
        using var client = mesh.CreateClient(options: Recording);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = body.Length == 0 ? null : new StringContent(body) };

        using var response = await client.SendAsync(request);

        var call = response.GetMeshCall()!;
        Assert.Equal((status, flags, attempts), ((int)response.StatusCode, call.Flags, call.Attempts));
        Assert.Equal(streams, Volatile.Read(ref seen));
        Assert.All(bodies, sent => Assert.Equal(body, sent));
        await Eventually.IdleAsync(mesh);
    }
}
