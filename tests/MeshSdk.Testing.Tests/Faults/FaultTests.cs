using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Testing.Tests.Faults;

public sealed class FaultTests
{
    private const string FromNow = $"{Cluster.ConfigMaps}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task Cut_watches_end_and_aborted_ones_break(string version)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var cut = await WatchReader.OpenAsync(client, FromNow, version: Version.Parse(version));
        Assert.Equal(1, cluster.Faults.CutWatches());
        Assert.Null(await cut.LineAsync());

        using var aborted = await WatchReader.OpenAsync(client, FromNow, version: Version.Parse(version));
        Assert.Equal(0, cluster.Faults.AbortWatches(request => request.Resource == "pods"));
        Assert.Equal(1, cluster.Faults.AbortWatches(request => request.Resource == "configmaps"));
        await Assert.ThrowsAnyAsync<IOException>(aborted.LineAsync);
    }

    [Fact]
    public async Task Hanging_watches_hold_back_and_then_go_on()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var running = await WatchReader.OpenAsync(client, FromNow);
        using var spared = await WatchReader.OpenAsync(client, "/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Ddefault");
        Task<WatchReader> opening;
        Task<string?> line;
        using (cluster.Faults.HangWatches(request => request.Resource == "configmaps"))
        {
            await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));
            opening = WatchReader.OpenAsync(client, FromNow);
            line = running.Pending();

            Assert.Equal("ADDED default", await spared.NextAsync());
            Assert.Equal(200, (await client.ReadAsync($"{Cluster.ConfigMaps}/a")).Code);
            Assert.False(line.IsCompleted || opening.IsCompleted);
        }

        Assert.Contains("ADDED", await line.WaitAsync(Patience), StringComparison.Ordinal);
        using var opened = await opening;
    }

    [Fact]
    public async Task Hanging_requests_are_answered_later()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var hang = cluster.Faults.HangRequests(request => request.Verb == "list");
        var pending = client.ReadAsync(Cluster.ConfigMaps);
        Assert.Equal(404, (await client.ReadAsync($"{Cluster.ConfigMaps}/a")).Code);
        Assert.False(pending.IsCompleted);

        hang.Dispose();

        Assert.Equal(200, (await pending.WaitAsync(Patience)).Code);
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task Hanging_connections_carry_no_byte(string version)
    {
        var seen = new ConcurrentQueue<EmbeddedRequest>();
        await using var cluster = await Cluster.StartAsync(options => options.OnRequest = seen.Enqueue);
        await using var other = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var otherClient = other.CreateClient();
        using var watch = await WatchReader.OpenAsync(client, FromNow, version: Version.Parse(version));
        using var living = await WatchReader.OpenAsync(otherClient, FromNow, version: Version.Parse(version));
        var hang = cluster.Faults.HangConnections();
        await cluster.ApplyAsync(Cluster.ConfigMap("a").ToJsonString());
        var line = watch.Pending();
        using var stranger = cluster.CreateClient();
        var request = stranger.ReadAsync("/version");

        // The same goes all the way on a server whose connections do not hang, several times over.
        for (var i = 0; i < 5; i++)
        {
            await other.ApplyAsync(Cluster.ConfigMap($"a-{i}").ToJsonString());
            Assert.Equal($"ADDED a-{i}", await living.NextAsync());
            using var otherStranger = other.CreateClient();
            Assert.Equal(200, (await otherStranger.ReadAsync("/version")).Code);
        }

        Assert.False(line.IsCompleted || request.IsCompleted);
        Assert.DoesNotContain(seen, static request => request.Path == "/version");

        hang.Dispose();

        Assert.Contains("ADDED", await line.WaitAsync(Patience), StringComparison.Ordinal);
        Assert.Equal(200, (await request.WaitAsync(Patience)).Code);
    }

    [Fact]
    public async Task Answers_are_given_as_often_as_asked()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        cluster.Faults.Answer(429, request => request.Verb == "list", TimeSpan.FromSeconds(7), times: 1);
        using var gone = cluster.Faults.Answer(410, request => request.Verb == "watch");

        using var limited = await client.GetAsync(Cluster.ConfigMaps);
        Assert.Equal((429, TimeSpan.FromSeconds(7)), ((int)limited.StatusCode, limited.Headers.RetryAfter!.Delta));
        Assert.Equal(200, (await client.ReadAsync(Cluster.ConfigMaps)).Code);
        var (code, status) = await client.ReadAsync(FromNow);
        Assert.Equal((410, "Expired"), (code, (string)status["reason"]!));
        gone.Dispose();
        (await WatchReader.OpenAsync(client, FromNow)).Dispose();
        cluster.Faults.Answer(503);
        Assert.Equal(503, (await client.ReadAsync("/version")).Code);
        cluster.Faults.Clear();
        Assert.Equal(200, (await client.ReadAsync("/version")).Code);
    }

    [Fact]
    public async Task Errors_come_within_streams_too()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var running = await WatchReader.OpenAsync(client, FromNow);
        cluster.Faults.SendErrorToWatches();
        var inRunning = await running.EventAsync();
        Assert.Null(await running.LineAsync());
        using var fault = cluster.Faults.AnswerWatchesInStream(times: 1);
        using var refused = await WatchReader.OpenAsync(client, FromNow);
        var inNew = await refused.EventAsync();
        Assert.Null(await refused.LineAsync());

        foreach (var error in (JsonObject[])[inRunning, inNew])
        {
            Assert.Equal(("ERROR", "Status", 410), ((string)error["type"]!, (string)error["object"]!["kind"]!, (int)error["object"]!["code"]!));
        }
    }

    [Fact]
    public async Task Delays_go_by_the_clusters_clock()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(options => options.Time = time);
        using var client = cluster.CreateClient();
        using var delay = cluster.Faults.Delay(TimeSpan.FromMinutes(5), request => request.Verb == "list");
        var delayed = client.ReadAsync(Cluster.ConfigMaps);
        await client.ReadAsync("/version");
        Assert.False(delayed.IsCompleted);

        // The clock can only be turned once the request waits by it.
        while (!delayed.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(5));
            await Task.Yield();
        }

        Assert.Equal(200, (await delayed).Code);
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task Dropped_requests_and_broken_lines_are_no_answers(string version)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        client.DefaultRequestVersion = Version.Parse(version);
        using (cluster.Faults.Drop())
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.ReadAsync(Cluster.ConfigMaps));
        }

        using var watch = await WatchReader.OpenAsync(client, FromNow);
        Assert.Equal(1, cluster.Faults.BreakNextLine());
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));
        await Assert.ThrowsAnyAsync<IOException>(watch.LineAsync);
    }

    [Fact]
    public async Task A_line_that_is_none_does_not_end_the_watch()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var watch = await WatchReader.OpenAsync(client, FromNow);
        Assert.Equal(1, cluster.Faults.SendLine("}garbage"));
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));

        Assert.Equal("}garbage", await watch.LineAsync());
        Assert.Equal("ADDED a", await watch.NextAsync());
    }

    [Fact]
    public async Task A_server_that_is_gone_comes_back_on_its_port_with_its_objects()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var watch = await WatchReader.OpenAsync(client, FromNow);
        var address = cluster.Address;
        for (var i = 0; i < 3; i++)
        {
            await using (await cluster.Faults.StopListeningAsync())
            {
                await Assert.ThrowsAsync<HttpRequestException>(() => client.ReadAsync("/version"));
                await cluster.ApplyAsync(Cluster.ConfigMap($"meanwhile-{i}").ToJsonString());
            }

            Assert.Equal(200, (await client.ReadAsync($"{Cluster.ConfigMaps}/meanwhile-{i}")).Code);
        }

        Assert.Equal(address, cluster.Address);
        await cluster.UntilUnwatchedAsync();
    }

    [Fact]
    public async Task Lower_versions_after_a_restore_are_told()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        for (var i = 0; i < 5; i++)
        {
            await cluster.ApplyAsync(Cluster.ConfigMap("a", i.ToString()).ToJsonString());
        }

        var (_, before) = await client.ReadAsync(Cluster.ConfigMaps);
        using var watch = await WatchReader.OpenAsync(client, FromNow);
        cluster.Faults.RestartWithLowerResourceVersions();

        Assert.Null(await watch.LineAsync());
        var (code, status) = await client.ReadAsync($"{Cluster.ConfigMaps}?watch=true&resourceVersion={before.Version()}");
        var (_, after) = await client.ReadAsync(Cluster.ConfigMaps);
        Assert.Equal((504, "ResourceVersionTooLarge"), (code, (string)status["details"]!["causes"]![0]!["reason"]!));
        Assert.True(long.Parse(after.Version()) < long.Parse(before.Version()));
        Assert.Equal(["a"], after.Names());
    }

    [Fact]
    public async Task A_rotated_authority_is_another_one()
    {
        await using var cluster = await Cluster.StartAsync();
        using var before = cluster.CreateClient();
        cluster.Faults.RotateCertificateAuthority();
        using var after = cluster.CreateClient();

        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => before.ReadAsync("/version"));
        Assert.IsType<AuthenticationException>(refusal.InnerException);
        Assert.Equal(200, (await after.ReadAsync("/version")).Code);
    }

    [Fact]
    public async Task A_rotated_authority_reaches_the_pods_of_every_namespace()
    {
        await using var cluster = await Cluster.StartAsync(static options => options.Controllers = true);
        var before = cluster.CertificateAuthority;
        await cluster.Api.UntilAsync(_ => Known() == before);
        cluster.Faults.RotateCertificateAuthority();
        Assert.NotEqual(before, cluster.CertificateAuthority);
        await cluster.Api.UntilAsync(_ => Known() == cluster.CertificateAuthority);

        string? Known() => (string?)cluster.Api.Get("", "configmaps", "default", "kube-root-ca.crt")?["data"]?["ca.crt"];
    }

    [Fact]
    public async Task Requests_are_seen_as_they_come()
    {
        var seen = new List<EmbeddedRequest>();
        await using var cluster = await Cluster.StartAsync(options => options.OnRequest = seen.Add);
        using var client = cluster.CreateClient();
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("test", "1"));
        await client.ReadAsync("/api/v1/namespaces/default/pods/a/status?x=1");

        Assert.Equal(
            new("get", "/api/v1/namespaces/default/pods/a/status", "?x=1", "", "pods", "default", "a", "HTTP/2", seen[0].ConnectionId), Assert.Single(seen));
    }
}
