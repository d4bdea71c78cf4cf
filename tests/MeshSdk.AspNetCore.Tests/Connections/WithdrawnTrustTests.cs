using System.Net.Security;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>Whoever is believed no longer is no caller any more, however far it had come.</summary>
public sealed class WithdrawnTrustTests : IDisposable
{
    private readonly Authorities _authorities = new();

    public void Dispose() => _authorities.Dispose();

    [Fact]
    public async Task A_handshake_that_is_under_way_goes_by_what_is_believed_at_its_end()
    {
        var source = new InMemoryCertificateSource(Believing(_authorities.Root, _authorities.Foreign));
        await using var server = await Server.StartAsync(new ServerSetup { Source = source });
        await using var plain = await Caller.PlainAsync(server.EndPoint);
        await using var held = new HeldStream(plain.Stream);
        await using var tls = new SslStream(held);
        var caller = _authorities.Foreign.Issue(CallerCases.Id);
        var handshake = tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "backend",
                ClientCertificateContext = SslStreamCertificateContext.Create(caller.Certificate, [], offline: true),
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
            },
            TestContext.Current.CancellationToken);
        await held.Arrived.Task.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
        var before = server.Mesh.Acceptor.Trust;

        source.Update(Believing(_authorities.Root));
        await Eventually.HoldsAsync(() => !ReferenceEquals(server.Mesh.Acceptor.Trust, before), "the new bundle");
        held.Release.SetResult();

        var answered = false;
        try
        {
            await handshake;
            await tls.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            answered = await tls.ReadAsync(new byte[100], TestContext.Current.CancellationToken) > 0;
        }
        catch (IOException)
        {
        }

        Assert.False(answered);
        Assert.Contains("nobody is believed any more who vouches for it", await server.Log.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_authority_that_still_vouches_is_enough()
    {
        var source = new InMemoryCertificateSource(Believing(_authorities.Root, _authorities.Intermediate));
        await using var server = await Server.StartAsync(new ServerSetup { Source = source });
        await using var under = await Caller.TlsAsync(server.EndPoint, _authorities.Intermediate.Issue(CallerCases.Id));
        await using var root = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        Assert.NotNull(await under.GetAsync());
        Assert.NotNull(await root.GetAsync());

        source.Update(Believing(_authorities.Intermediate));

        await root.EndAsync();
        Assert.NotNull(await under.GetAsync());

        source.Update(Believing(_authorities.Foreign));

        await under.EndAsync();
    }

    [Fact]
    public async Task A_certificate_that_is_gone_keeps_no_other_connection_from_its_end()
    {
        var source = new InMemoryCertificateSource(Believing(_authorities.Root, _authorities.Intermediate));
        await using var server = await Server.StartAsync(new ServerSetup { Source = source });
        await using var old = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        await using var gone = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        Assert.NotNull(await old.GetAsync());
        Assert.NotNull(await gone.GetAsync());

        // The newest stands first, and is looked at first.
        server.Mesh.Connections.Where(static (_, _) => true, 0)[0].Peer!.Certificate.Dispose();
        source.Update(Believing(_authorities.Foreign));

        await gone.EndAsync();
        await old.EndAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_revoked_ends_and_others_stay(bool isIntermediate)
    {
        var source = new InMemoryCertificateSource(_authorities.Server(_authorities.Root));
        await using var server = await Server.StartAsync(new ServerSetup { Source = source });
        var certificate = (isIntermediate ? _authorities.Intermediate : _authorities.Root).Issue(CallerCases.Id);
        await using var revoked = await Caller.TlsAsync(server.EndPoint, certificate);
        await using var other = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        Assert.NotNull(await revoked.GetAsync());
        Assert.NotNull(await other.GetAsync());

        source.Update(_authorities.Server(_authorities.Root, isIntermediate ? _authorities.CrlOf(_authorities.Intermediate) : _authorities.Root.Revoke(certificate)));

        await revoked.EndAsync();
        Assert.NotNull(await other.GetAsync());
    }

    [Fact]
    public async Task The_earliest_end_of_the_path_is_that_of_the_connection()
    {
        await using var server = await Server.StartAsync(new ServerSetup { Identity = _authorities.Server(_authorities.Root) });
        var root = _authorities.Root.Certificate.NotAfter.ToUniversalTime();
        var certificate = _authorities.Root.Issue(CallerCases.Id, new() { NotAfter = new DateTimeOffset(root).AddDays(1) });
        Assert.True(certificate.Certificate.NotAfter.ToUniversalTime() > root);

        await using var caller = await Caller.TlsAsync(server.EndPoint, certificate);
        Assert.NotNull(await caller.GetAsync());

        Assert.Equal(root, Assert.Single(server.Mesh.Connections.Where(static (_, _) => true, 0)).NotAfter);
    }

    [Fact]
    public async Task A_logger_that_throws_holds_no_change_up()
    {
        var source = new InMemoryCertificateSource(Believing(_authorities.Root, _authorities.Foreign));
        await using var server = await Server.StartAsync(new ServerSetup
        {
            Source = source,
            Options = static options => options.TrustDomains = ["partner.example"],
            Listen = static builder =>
            {
                builder.Logging.AddProvider(new Throwing());
                builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
            },
        });
        await using var leaves = await Caller.TlsAsync(server.EndPoint, _authorities.Foreign.Issue(CallerCases.Id));
        Assert.NotNull(await leaves.GetAsync());
        source.Update(Believing(_authorities.Foreign, _authorities.Root));
        await server.Log.LineAsync("Callers of partner.example");

        source.Update(Believing(_authorities.Root));

        await leaves.EndAsync();
    }

    private MeshIdentity Believing(params MeshCertificateAuthority[] authorities)
    {
        var own = _authorities.Root.Issue(ServerSetup.Id);
        return new(own.Certificate, [], [new TrustBundle(null, authorities.Select(static authority => authority.Certificate))]);
    }

    /// <summary>Keeps back what the client says second: its certificate.</summary>
    private sealed class HeldStream(Stream inner) : Stream
    {
        private int _writes;

        public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (++_writes == 2)
            {
                Arrived.SetResult();
                await Release.Task.WaitAsync(Eventually.Patience, cancellationToken);
            }

            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    private sealed class Throwing : ILoggerProvider, ILogger
    {
        private string _category = "";

        public ILogger CreateLogger(string categoryName) => new Throwing { _category = categoryName };

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (_category == "MeshSdk.AspNetCore.Callers")
            {
                throw new InvalidOperationException("the disk is full");
            }
        }

        public void Dispose()
        {
        }
    }
}
