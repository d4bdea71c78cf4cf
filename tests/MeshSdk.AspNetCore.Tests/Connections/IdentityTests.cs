using System.Security.Authentication;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>A server that has no identity, or none yet.</summary>
public sealed class IdentityTests : IDisposable
{
    private readonly Authorities _authorities = new();

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [InlineData(PeerAuthenticationMode.Permissive, LogLevel.Warning, "callers are served in plaintext alone", true)]
    [InlineData(PeerAuthenticationMode.Strict, LogLevel.Error, "nobody is served", false)]
    public async Task Without_a_source_of_one_TLS_is_refused_at_once(PeerAuthenticationMode mode, LogLevel level, string consequence, bool servesPlaintext)
    {
        await using var server = await Server.StartAsync(new ServerSetup { Options = options => options.Mode = mode });
        await using var plain = await Caller.PlainAsync(server.EndPoint);

        Assert.Equal(servesPlaintext, await plain.GetAsync() is not null);
        Assert.IsType<IOException>(
            await Record.ExceptionAsync(() => Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id))), exactMatch: false);

        Assert.Contains(server.Log.Lines, line => line.Level == level && line.Text.Contains(consequence, StringComparison.Ordinal));
        await server.Log.LineAsync("there is nothing to show it: this process has no identity in the mesh");
    }

    [Fact]
    public async Task A_handshake_waits_for_the_first_one()
    {
        var source = new InMemoryCertificateSource();
        await using var server = await Server.StartAsync(new ServerSetup { Source = source });
        var connecting = Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        await Eventually.HoldsAsync(
            () => server.Mesh.Connections.Where(static (one, _) => one.Phase == ConnectionPhase.Handshaking, 0).Count, static count => count == 1, "a handshake");
        Assert.False(connecting.IsCompleted);

        source.Update(_authorities.Server(_authorities.Root));

        await using var caller = await connecting;
        Assert.Contains(CallerCases.Id, await caller.GetAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task And_not_for_ever()
    {
        await using var server = await Server.StartAsync(new ServerSetup
        {
            Source = new InMemoryCertificateSource(),
            Mesh = static mesh => mesh.Startup.Timeout = TimeSpan.FromMilliseconds(200),
        });

        var error = await Record.ExceptionAsync(() => Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id)));

        Assert.True(error is IOException or AuthenticationException, error?.ToString());
        await server.Log.LineAsync("has not given this process an identity within 0.2 s");
        Assert.DoesNotContain(server.Log.Lines, static line => line.Text.Contains("Unhandled exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_one_is_shown_from_the_next_handshake_on()
    {
        var source = new InMemoryCertificateSource(_authorities.Server(_authorities.Root));
        await using var server = await Server.StartAsync(new ServerSetup { Source = source });
        await using var before = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        Assert.NotNull(await before.GetAsync());
        var next = _authorities.Server(_authorities.Root);

        source.Update(next);
        await Eventually.HoldsAsync(() => server.App.Services.GetService(typeof(Mesh)) is Mesh { Identity.Certificate: var shown } && shown.Equals(next.Certificate));

        await using var after = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        Assert.Equal(next.Certificate.SerialNumber, ((System.Net.Security.SslStream)after.Stream).RemoteCertificate!.GetSerialNumberString());
        Assert.NotNull(await after.GetAsync());
        Assert.NotNull(await before.GetAsync());
    }
}
