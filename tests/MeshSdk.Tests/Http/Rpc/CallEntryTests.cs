using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Rpc;

/// <summary>
/// What a mesh says of its calls is for this process. A server that hands a failure on to its callers also hands on what its own mesh has said of the call
/// that failed, and what that has told its own channel about retries.
/// </summary>
public sealed class CallEntryTests
{
    private const string Leaked = "attempts=7;flags=leaked";

    private static HttpResponseMessage Reply(int status, string? grpcStatus, string? entry, string? pushback, bool inTrailers = false)
    {
        var reply = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent([]), Version = HttpVersion.Version20 };
        reply.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        var fields = inTrailers ? reply.TrailingHeaders : reply.Headers;
        foreach (var (name, value) in new[] { ("grpc-status", grpcStatus), (MeshCallEntry.Name, entry), (RetryPushback.Header, pushback) })
        {
            if (value is not null)
            {
                fields.TryAddWithoutValidation(name, value);
            }
        }

        return reply;
    }

    private static HttpRequestMessage Call() => new(HttpMethod.Post, "http://backend/test.Echo/Unary")
    {
        Version = HttpVersion.Version20,
        Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
    };

    private static MeshCallInfo? EntryIn(HttpHeaders fields) =>
        fields.TryGetValues(MeshCallEntry.Name, out var values) ? MeshCallEntry.Parse(Assert.Single(values)) : null;

    private static Task<RuledMesh> StartAsync(Func<HttpResponseMessage> reply, RouteRetry? retry) => RuledMesh.StartAsync(
        RuledMesh.Rule(retry: retry), (_, _) => Task.FromResult(reply()), static cluster => cluster with { Protocol = ClusterProtocol.Http2 });

    [Theory]
    [InlineData(Leaked, "-1", 3)]
    [InlineData(Leaked, "-1, -1", 3)]
    [InlineData(null, "-1", 1)] // the server's own word
    [InlineData(Leaked, null, 3)]
    public async Task A_leaked_word_against_retries_is_none(string? entry, string? pushback, int sends)
    {
        await using var mesh = await StartAsync(() => Reply(200, "14", entry, pushback), RuledMesh.Retry(2, 503));

        using var response = await mesh.PassAsync(mesh.Client.SendAsync(Call()));

        Assert.Equal(sends, mesh.Network.Sends);
        Assert.Equal(sends, EntryIn(response.Headers)!.Attempts);
        Assert.Equal(entry is null, response.Headers.Contains(RetryPushback.Header));
    }

    // HTTP status, grpc-status, in the trailers; under a rule that retries or one that only forwards.
    public static TheoryData<int, string?, bool, bool> Ends =>
    [
        .. from end in new (int, string?, bool)[] { (200, "14", false), (200, "14", true), (200, null, true), (503, null, false), (503, "14", false) }
           from isRuled in new[] { false, true }
           select (end.Item1, end.Item2, end.Item3, isRuled),
    ];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task At_every_end_that_is_not_good_stands_what_this_mesh_says(int status, string? grpcStatus, bool inTrailers, bool isRuled)
    {
        await using var mesh = await StartAsync(
            () => Reply(status, grpcStatus, Leaked, "-1", inTrailers), isRuled ? RuledMesh.Retry(2, 599) : null);

        using var response = await mesh.Client.SendAsync(Call());

        // Where a channel looks: in the headers if the status stands there.
        var fields = grpcStatus is not null && !inTrailers ? response.Headers : response.TrailingHeaders;
        var entry = EntryIn(fields)!;
        Assert.Equal(($"{Snapshots.Namespace}/backend:80", 1, "-"), (entry.Backend, entry.Attempts, entry.Flags));
        Assert.False(response.Headers.Contains(RetryPushback.Header));
        Assert.False(response.TrailingHeaders.Contains(RetryPushback.Header));
        Assert.NotEqual("leaked", EntryIn(response.Headers)?.Flags);
    }

    [Fact]
    public async Task A_good_end_says_nothing()
    {
        await using var mesh = await StartAsync(static () => Reply(200, "0", null, null, inTrailers: true), null);
        using var response = await mesh.Client.SendAsync(Call());
        Assert.Null(EntryIn(response.Headers));
        Assert.Null(EntryIn(response.TrailingHeaders));
    }

    [Fact]
    public async Task Requests_of_HTTP_say_nothing()
    {
        await using var mesh = await StartAsync(static () => Reply(503, null, null, null), null);
        using var response = await mesh.Client.GetAsync("http://backend/");
        Assert.Null(EntryIn(response.Headers));
        Assert.Null(EntryIn(response.TrailingHeaders));
    }
}
