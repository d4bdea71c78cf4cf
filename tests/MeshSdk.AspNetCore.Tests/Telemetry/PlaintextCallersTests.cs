using System.Net;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Telemetry;
using MeshSdk.AspNetCore.Tests.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Model;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Telemetry;

/// <summary>Whoever is about to ask for mutual TLS alone finds in the log who does not come by it yet.</summary>
public sealed class PlaintextCallersTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Log _log = new();
    private readonly Authorities _authorities = new();
    private readonly PlaintextCallers _callers;

    public PlaintextCallersTests() => _callers = new PlaintextCallers(_log.CreateLogger("MeshSdk.AspNetCore.Callers"), _time);

    public void Dispose()
    {
        _authorities.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_caller_is_named_once_in_an_hour()
    {
        Take(1);
        Take(1);
        Take(2);
        Assert.Equal(2, _log.Lines.Count);
        Assert.Equal(
            (LogLevel.Information, "10.0.0.1 calls port 8080 without mutual TLS, which is taken as long as the mode is PERMISSIVE (somebody says so). It is not named again for an hour."),
            (_log.Lines[0].Level, _log.Lines[0].Text));

        _time.Advance(TimeSpan.FromHours(1));
        Take(1);

        Assert.Equal(3, _log.Lines.Count);
    }

    [Fact]
    public void However_many_there_are_the_lines_are_few()
    {
        for (var i = 0; i < 200; i++)
        {
            Take((byte)i);
        }

        Assert.Equal(65, _log.Lines.Count);
        Assert.StartsWith("More than 64 addresses", _log.Lines[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PeerMode.Strict)]
    [InlineData(PeerMode.Disable)]
    internal void Nobody_is_named_where_there_is_no_choice(PeerMode mode)
    {
        Take(1, mode);

        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(true, false, 1)]
    [InlineData(true, true, 0)]
    [InlineData(false, false, 0)]
    public async Task A_server_with_an_identity_names_those_who_come_without(bool hasIdentity, bool isForProbes, int lines)
    {
        await using var server = await Server.StartAsync(new ServerSetup
        {
            Identity = hasIdentity ? _authorities.Server(_authorities.Root) : null,
            Listen = builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                if (isForProbes)
                {
                    endpoint.UseMeshPlaintext();
                }
            })),
        });
        await using var plain = await Caller.PlainAsync(server.EndPoint);
        Assert.NotNull(await plain.GetAsync("/healthz"));
        if (hasIdentity && !isForProbes)
        {
            await using var known = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
            Assert.NotNull(await known.GetAsync());
        }

        Assert.Equal(lines, server.Log.Lines.Count(line => line.Text.StartsWith($"127.0.0.1 calls port {server.EndPoint.Port} without mutual TLS", StringComparison.Ordinal)));
    }

    private void Take(byte host, PeerMode mode = PeerMode.Permissive) => _callers.Taken(
        new InboundConnection(
            new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(new IPAddress([10, 0, 0, host]), 999), LocalEndPoint = new IPEndPoint(IPAddress.Any, 8080) },
            isExempt: false),
        mode,
        "somebody says so");
}
