using System.Net.Security;
using System.Security.Authentication;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>Connections that come to nothing: silent ones, halves, garbage, such as end at once. None costs more than its time, and none is an error of ours.</summary>
public sealed class HalfConnectionTests : IDisposable
{
    private readonly Authorities _authorities = new();

    public void Dispose() => _authorities.Dispose();

    [Fact]
    public async Task A_connection_that_keeps_silent_is_closed_in_time()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(new ServerSetup { Time = time });
        await using var silent = await Caller.PlainAsync(server.EndPoint);
        await PhaseAsync(server, ConnectionPhase.Silent);

        time.Advance(TimeSpan.FromSeconds(9));
        await PhaseAsync(server, ConnectionPhase.Silent);
        time.Advance(TimeSpan.FromSeconds(2));

        await silent.EndAsync();
        await GoneAsync(server);
        Assert.Contains("SniffTimeout", await server.Log.LineAsync("kept silent"), StringComparison.Ordinal);
        Quiet(server);
    }

    [Fact]
    public async Task One_that_speaks_before_that_is_left_alone()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(new ServerSetup { Time = time });
        await using var caller = await Caller.PlainAsync(server.EndPoint);
        await PhaseAsync(server, ConnectionPhase.Silent);
        time.Advance(TimeSpan.FromSeconds(9));

        Assert.Contains("nobody", await caller.GetAsync(), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(60));

        Assert.Contains("nobody", await caller.GetAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("16")]
    [InlineData("160301")]
    [InlineData("16030100F0010000EC0303")]
    public async Task Half_a_greeting_is_waited_for_in_vain(string beginning)
    {
        await using var server = await StartAsync(new ServerSetup { Options = static options => options.HandshakeTimeout = TimeSpan.FromMilliseconds(200) });
        await using var half = await Caller.PlainAsync(server.EndPoint);

        await half.Stream.WriteAsync(Convert.FromHexString(beginning), TestContext.Current.CancellationToken);

        await half.EndAsync();
        await GoneAsync(server);
        await server.Log.LineAsync("did not get through the TLS handshake");
        Quiet(server);
    }

    [Theory]
    [InlineData("1603010005FFFFFFFFFF")]
    [InlineData("1600000000")]
    [InlineData("16FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("16030100040100000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("1603030001000000")]
    public async Task Garbage_that_begins_like_TLS_is_closed_without_noise(string garbage)
    {
        await using var server = await StartAsync(new ServerSetup { Options = static options => options.HandshakeTimeout = TimeSpan.FromSeconds(2) });
        await using var caller = await Caller.PlainAsync(server.EndPoint);

        await caller.Stream.WriteAsync(Convert.FromHexString(garbage), TestContext.Current.CancellationToken);

        await caller.EndAsync();
        await GoneAsync(server);
        Quiet(server);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("15030100020100")]
    [InlineData("FFFFFFFF0D0A0D0A")]
    public async Task Garbage_that_does_not_is_for_HTTP_to_refuse(string garbage)
    {
        await using var server = await StartAsync(new ServerSetup());
        await using var caller = await Caller.PlainAsync(server.EndPoint);

        await caller.Stream.WriteAsync(Convert.FromHexString(garbage + "0D0A0D0A"), TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 400", await caller.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_that_end_before_a_byte_leave_nothing_behind(bool reset)
    {
        await using var server = await StartAsync(new ServerSetup());
        for (var i = 0; i < 20; i++)
        {
            await using var caller = await Caller.PlainAsync(server.EndPoint);
            if (reset)
            {
                caller.Reset();
            }
        }

        // The last one was accepted after all of those.
        await using var last = await Caller.PlainAsync(server.EndPoint);
        Assert.NotNull(await last.GetAsync());
        await Eventually.HoldsAsync(() => server.Mesh.Connections.Count, static count => count == 1);
        Quiet(server);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_handshake_in_single_bytes_is_one(SslProtocols version)
    {
        await using var server = await StartAsync(new ServerSetup());
        var caller = _authorities.Intermediate.Issue(CallerCases.Id);
        await using var plain = await Caller.PlainAsync(server.EndPoint);
        await using var tls = new SslStream(new Dripping(plain.Stream));

        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "backend",
                EnabledSslProtocols = version,
                ClientCertificateContext = SslStreamCertificateContext.Create(caller.Certificate, [.. caller.Chain], offline: true),
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
            },
            TestContext.Current.CancellationToken);
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);

        using var reader = new StreamReader(tls);
        Assert.Contains(CallerCases.Id, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("16")]
    [InlineData("16030100F0010000EC0303")]
    public async Task The_server_stops_without_waiting_for_them(string beginning)
    {
        await using var server = await StartAsync(new ServerSetup
        {
            Options = static options => options.SniffTimeout = options.HandshakeTimeout = TimeSpan.FromHours(1),
            Listen = static builder =>
            {
                Microsoft.AspNetCore.Hosting.WebHostBuilderKestrelExtensions.ConfigureKestrel(
                    builder.WebHost, static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
                builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromHours(1));
            },
        });
        await using var half = await Caller.PlainAsync(server.EndPoint);
        await half.Stream.WriteAsync(Convert.FromHexString(beginning), TestContext.Current.CancellationToken);
        await PhaseAsync(server, beginning.Length == 0 ? ConnectionPhase.Silent : ConnectionPhase.Greeting);

        // Else this waits for an hour.
        await server.App.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        await half.EndAsync();
    }

    private Task<Server> StartAsync(ServerSetup setup) => Server.StartAsync(setup with { Identity = _authorities.Server(_authorities.Root) });

    private static Task<int> PhaseAsync(Server server, ConnectionPhase phase) =>
        Eventually.HoldsAsync(() => server.Mesh.Connections.Where(static (one, phase) => one.Phase == phase, phase).Count, static count => count == 1, $"a connection that is {phase}");

    private static Task<int> GoneAsync(Server server) => Eventually.HoldsAsync(() => server.Mesh.Connections.Count, static count => count == 0, "no connections");

    // Whoever can reach the port could otherwise fill the log.
    private static void Quiet(Server server) => Assert.Empty(server.Log.Lines.Where(static line => line.Level >= LogLevel.Warning).Select(static line => line.Text));

    private sealed class Dripping(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < buffer.Length; i++)
            {
                await inner.WriteAsync(buffer.Slice(i, 1), cancellationToken);
            }
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
