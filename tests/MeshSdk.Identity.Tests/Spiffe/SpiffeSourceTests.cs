using System.Net.Sockets;
using Grpc.Core;
using MeshSdk.Identity.Certificates;
using MeshSdk.Identity.Spiffe;
using MeshSdk.Identity.Tests.Fixtures;
using MeshSdk.Testing;
using static MeshSdk.Identity.Tests.Fixtures.FakeWorkloadApi;

namespace MeshSdk.Identity.Tests.Spiffe;

/// <summary>Over a real socket, against a real gRPC server; waits pass by a clock of the test's.</summary>
public sealed class SpiffeSourceTests : IDisposable
{
    private static readonly TimeSpan FirstMessage = TimeSpan.FromSeconds(33);
    private readonly SteppingTime _time = new() { Limits = { FirstMessage } };
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingSink _sink = new();
    private readonly MeshCertificateAuthority _authority;

    public SpiffeSourceTests() => _authority = new("Ours", _time);

    [Fact]
    public async Task The_identity_comes_with_the_header_that_keeps_others_out()
    {
        await using var agent = await StartAsync(Send(_authority.Message()));
        await using var source = Run();

        var identity = await _sink.IdentityAsync();

        Assert.Equal(Svids.Client, identity.Id?.ToString());
        Assert.Equal(["true"], agent.Security);
    }

    [Fact]
    public async Task It_comes_over_TCP_too()
    {
        await using var agent = await StartTcpAsync(Send(_authority.Message()));
        await using var source = Run(endpoint: agent.Tcp);

        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task Each_message_replaces_all_before_and_one_that_says_nothing_new_changes_nothing()
    {
        using var renewed = new MeshCertificateAuthority("Renewed", _time);
        var first = _authority.Message();
        first.FederatedBundles["other.test"] = Svids.Der(renewed.Certificate);
        await using var agent = await StartAsync(Send(first, first.Clone(), renewed.Message()));
        await using var source = Run();

        Assert.Equal(2, (await _sink.IdentityAsync()).Bundles.Length);
        var next = await _sink.IdentityAsync();

        Assert.Equal(renewed.Certificate.RawData, next.Bundles.Single().Authorities.Single().RawData);
    }

    [Fact]
    public async Task The_identity_with_the_hint_is_taken()
    {
        var message = Svids.Message(_authority.Svid(), _authority.Svid("spiffe://cluster.local/ns/a/sa/second", "second"));
        await using var agent = await StartAsync(Send(message));
        await using var source = Run(hint: "second");

        Assert.Equal("spiffe://cluster.local/ns/a/sa/second", (await _sink.IdentityAsync()).Id?.ToString());
    }

    [Fact]
    public async Task A_bad_message_is_told_and_the_next_good_one_counts()
    {
        var bad = _authority.Message();
        bad.Svids[0].X509SvidKey = _authority.Svid().X509SvidKey;
        var key = bad.Svids[0].X509SvidKey.ToBase64();
        var good = _authority.Message();
        await using var agent = await StartAsync(Send(good, bad, good.Clone()));
        await using var source = Run();

        var identity = await _sink.IdentityAsync();
        Assert.Contains("cannot be used: its private key is not that of its certificate", await _sink.FailureAsync(), StringComparison.Ordinal);

        // All is well again, and what is in force is what was.
        Assert.Same(identity, await _sink.IdentityAsync());
        Assert.DoesNotContain(_sink.Failures, failure => failure.Contains(key[..40], StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_identity_that_the_mesh_refuses_is_told_and_the_next_message_counts_even_if_it_is_the_same()
    {
        _sink.RefusesNext = true;
        var message = _authority.Message();
        await using var agent = await StartAsync(Send(message, message.Clone()));
        await using var source = Run();

        Assert.Contains("cannot be used: it is refused", await _sink.FailureAsync(), StringComparison.Ordinal);
        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_process_that_is_not_registered_yet_asks_until_it_is()
    {
        var refuse = Refuse(StatusCode.PermissionDenied, "no identity issued");
        await using var agent = await StartAsync([.. Enumerable.Repeat(refuse, 32), Send(_authority.Message())]);
        await using var source = Run();

        for (var failure = 1; failure <= 32; failure++)
        {
            Assert.Contains("knows no identity for this process yet (no identity issued)", await _sink.FailureAsync(), StringComparison.Ordinal);
            var seconds = Math.Min(failure, 30);
            Assert.InRange((await _time.StepAsync()).TotalSeconds, seconds, seconds * 1.1);
        }

        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_stream_that_ends_is_opened_again_and_the_waits_begin_anew()
    {
        var message = _authority.Message();
        await using var agent = await StartAsync(
            Refuse(StatusCode.Unavailable, "starting"), Refuse(StatusCode.Internal, "starting"), SendAndEnd(message), Send(message, _authority.Message()));
        await using var source = Run();

        await _sink.FailureAsync();
        await _time.StepAsync();
        await _sink.FailureAsync();
        Assert.InRange((await _time.StepAsync()).TotalSeconds, 2, 2.2);
        var identity = await _sink.IdentityAsync();
        Assert.Contains("ended the stream", await _sink.FailureAsync(), StringComparison.Ordinal);
        Assert.InRange((await _time.StepAsync()).TotalSeconds, 1, 1.1);

        Assert.Same(identity, await _sink.IdentityAsync());
        Assert.NotSame(identity, await _sink.IdentityAsync());
    }

    [Fact]
    public async Task An_agent_that_starts_late_is_waited_for()
    {
        await using var source = Run();
        Assert.Contains("cannot be reached", await _sink.FailureAsync(), StringComparison.Ordinal);
        await using var agent = await StartAsync(Send(_authority.Message()));

        await _time.StepAsync();

        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task An_agent_that_restarts_is_found_again()
    {
        await using var source = Run();
        await _sink.FailureAsync();
        await using (await StartAsync(Send(_authority.Message())))
        {
            await _time.StepAsync();
            await _sink.IdentityAsync();
        }

        await _sink.FailureAsync();
        await using var agent = await StartAsync(Send(_authority.Message()));
        await _time.StepAsync();
        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_stream_without_a_first_message_is_given_up()
    {
        await using var agent = await StartAsync(Silence, Send(_authority.Message()));
        await using var source = Run();
        while (agent.Security.Count == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        _time.Advance(FirstMessage);

        Assert.Contains("has sent nothing within 33 s", await _sink.FailureAsync(), StringComparison.Ordinal);
        await _time.StepAsync();
        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_stream_that_is_silent_after_its_first_message_is_left_alone()
    {
        await using var agent = await StartAsync(Send(_authority.Message()));
        await using var source = Run();
        await _sink.IdentityAsync();

        _time.Advance(TimeSpan.FromHours(1));

        Assert.True(_sink.IsEmpty);
    }

    /// <summary>It takes connections, as the kernel does for it, and does not even answer the pings of HTTP/2, which go by the clock of the system.</summary>
    [Fact]
    public async Task An_agent_that_hangs_is_found_out_by_pings()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_folder.PathOf("api.sock")));
        listener.Listen();
        await using var source = Run(pings: TimeSpan.FromSeconds(1));

        await _sink.FailureAsync();

        Assert.InRange((await _time.WaitAsync()).TotalSeconds, 1, 1.1);
    }

    [Theory]
    [InlineData(null, "set SPIFFE_ENDPOINT_SOCKET")]
    [InlineData("agent.sock", "'agent.sock' is no address of a SPIFFE Workload API")]
    public async Task An_address_that_cannot_be_used_ends_it_with_the_reason(string? endpoint, string reason)
    {
        var source = new SpiffeSource(new(endpoint, null), _time, new Random(1));

        var refused = await Assert.ThrowsAsync<IdentitySourceException>(() => source.RunAsync(_sink, TestContext.Current.CancellationToken));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private Task<FakeWorkloadApi> StartAsync(params StreamScript[] scripts) => FakeWorkloadApi.StartAsync(_folder.PathOf("api.sock"), scripts);

    private RunningSource Run(string? endpoint = null, string? hint = null, TimeSpan? pings = null)
    {
        var settings = new SpiffeSettings(endpoint ?? $"unix://{_folder.PathOf("api.sock")}", hint) { FirstMessageTimeout = FirstMessage };
        return new(new SpiffeSource(pings is { } delay ? settings with { PingDelay = delay, PingTimeout = delay } : settings, _time, new Random(1)), _sink);
    }
}
