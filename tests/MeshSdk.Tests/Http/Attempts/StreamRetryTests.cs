using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Routing;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Tests.Http.Bodies;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>Streams whose attempts fail at every point, against servers that check what they get; for the steps of a server see <see cref="StreamScript"/>.</summary>
public sealed class StreamRetryTests
{
    private const string Streams = "http://backend/test.Echo/Duplex";

    // What it is about; each attempt of the server; the client: wX writes a message, W more than is kept, c ends its side, mX reads a message, a2 waits for the second
    // attempt, s14 the end.
    public static TheoryData<string, string[], string> Cases => new()
    {
        { "no failure", ["n- r1 h ma e s0"], "w1 ma c s0" },
        { "fails before anything is read", ["n- s14", "n1 r1 h ma e s0"], "w1 c ma s0" },
        { "fails after a message", ["n- r1 s14", "n1 r1 h ma e s0"], "w1 ma c s0" },
        { "fails after the client's end", ["r1 e s14", "r1 e h s0"], "w1 c s0" },
        { "all messages again in each attempt", ["n- r1 s14", "n1 r1 r2 s14", "n2 r1 r2 r3 e h ma s0"], "w1 w2 w3 c ma s0" },
        { "a code that is not listed", ["r1 s13"], "w1 s13" },
        { "too many attempts", ["r1 s14", "r1 s14", "n2 r1 s14"], "w1 s14" },
        { "headers commit", ["r1 h s14"], "w1 s14" },
        { "a message commits", ["r1 h ma s14"], "w1 ma s14" },
        { "headers of a retry commit", ["r1 s14", "r1 h ma s14"], "w1 ma s14" },
        { "live after a retry", ["r1 s14", "r1 h ma r2 mb r3 mc e s0"], "w1 ma w2 mb w3 mc c s0" },
        { "a pushback that is negative", ["r1 s14:-1"], "w1 s14" },
        { "a pushback that is no number", ["r1 s14:xx"], "w1 s14" },
        { "more than is kept", ["R s14"], "W s14" },
        { "more than is kept, after a retry", ["r1 s14", "r1 R h e s0"], "w1 a2 W c s0" },
        { "no room from one message on", ["r1 s14", "r1 R r2 s14"], "w1 a2 W w2 s14" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_stream_goes_as_the_script_says(string what, string[] server, string client)
    {
        Assert.NotEmpty(what);
        await RunAsync(server, client);
    }

    [Fact]
    public async Task A_pushback_is_the_wait_of_a_stream()
    {
        var begun = await RunAsync(["r1 s14:5000", "n1 r1 h e s0"], "w1 c s0");
        Assert.InRange((begun[1] - begun[0]).TotalMilliseconds, 5000, 5100);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public async Task A_channel_that_holds_itself_back_retries_no_stream(int failures, int attempts)
    {
        // Of four tokens more than two must be left.
        var throttle = new RetryThrottle(4, 0.5);
        for (var i = 1; i < failures; i++)
        {
            throttle.Fail();
        }

        await RunAsync(attempts == 2 ? ["r1 s14", "r1 h e s0"] : ["r1 s14"], attempts == 2 ? "w1 c s0" : "w1 s14", new RpcCall { Throttle = throttle });
        Assert.Equal(attempts == 2 ? 3.5m : 2, throttle.Tokens);
    }

    // A channel has a cap of its own for what its service config retries; a rule says what it means.
    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(20)]
    public async Task A_rule_has_no_cap(int attempts)
    {
        string[] server = [.. Enumerable.Repeat("r1 s14", attempts + 1)];
        await RunAsync(server, "w1 s14", attempts: attempts);
    }

    private static async Task<IReadOnlyList<DateTimeOffset>> RunAsync(string[] server, string client, RpcCall? rpc = null, int attempts = 2)
    {
        var time = new FakeTimeProvider();
        var network = new StreamScript(time, server);
        await using var mesh = await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions { TransportFactory = network }) { Time = time, Random = new Random(1) },
            Snapshots.Service("backend", new IPEndPoint(new IPAddress([10, 0, 0, 1]), 80))
                .Routed(RuledMesh.Rule(retry: new RouteRetry(attempts, [503], TimeSpan.FromMilliseconds(10)))));
        using var http = mesh.CreateClient();
        http.Timeout = Timeout.InfiniteTimeSpan;

        using var stream = new WrittenContent();
        stream.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, Streams) { Content = stream };
        Task<HttpResponseMessage> call;
        using (rpc is null ? default : rpc.Enter())
        {
            call = http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }

        await Passed(DoAsync(client, call, stream, network), time);
        await network.EndedAsync();
        await Eventually.IdleAsync(mesh);
        Assert.Equal(0, mesh.Runtime.Engine.Attempts.Kept.Bytes);
        return network.Begun;
    }

    private static async Task Passed(Task run, FakeTimeProvider time)
    {
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            return run.IsCompleted;
        });
        await run;
    }

    private static async Task DoAsync(string steps, Task<HttpResponseMessage> call, WrittenContent content, StreamScript network)
    {
        Stream? body = null;
        foreach (var step in steps.Split(' '))
        {
            switch (step[0], step[1..])
            {
                case ('w', var text):
                    await (await content.Stream).WriteAsync(StreamScript.Message(text));
                    break;
                case ('W', _):
                    await WriteAllAsync(await content.Stream);
                    break;
                case ('a', var number):
                    await Eventually.HoldsAsync(() => network.Begun.Count == number[0] - '0', "the attempt begins");
                    break;
                case ('c', _):
                    content.Complete();
                    break;
                case ('m', var text):
                    body ??= await (await call).Content.ReadAsStreamAsync();
                    var message = new byte[6];
                    await body.ReadExactlyAsync(message);
                    Assert.Equal(StreamScript.Message(text), message);
                    break;
                case ('s', var status):
                    using (var response = await call)
                    {
                        body ??= await response.Content.ReadAsStreamAsync();
                        Assert.Equal(0, await body.ReadAsync(new byte[1]));
                        Assert.Equal(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), GrpcCall.StatusOf(response));
                    }

                    break;
                default:
                    throw new ArgumentException(step);
            }
        }

        content.Complete();
    }

    // In pieces, and all that fits is kept. What comes after a server has ended the stream is nobody's.
    private static async Task WriteAllAsync(Stream stream)
    {
        var piece = new byte[64 * 1024];
        for (var left = StreamScript.Large; left > 0; left -= piece.Length)
        {
            await stream.WriteAsync(piece.AsMemory(0, Math.Min(piece.Length, left)));
        }
    }
}
