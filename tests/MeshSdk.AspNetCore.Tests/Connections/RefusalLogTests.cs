using System.Net;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>How much of refused connections is told.</summary>
public sealed class RefusalLogTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Log _log = new();
    private readonly RefusalLog _refusals;

    public RefusalLogTests() => _refusals = new RefusalLog(_log.CreateLogger("MeshSdk.AspNetCore.Callers"), _time);

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData(RefusalCause.Certificate, LogLevel.Warning)]
    [InlineData(RefusalCause.NoIdentity, LogLevel.Warning)]
    [InlineData(RefusalCause.Plaintext, LogLevel.Warning)]
    [InlineData(RefusalCause.Tls, LogLevel.Warning)]
    [InlineData(RefusalCause.NoCertificate, LogLevel.Information)]
    [InlineData(RefusalCause.Handshake, LogLevel.Debug)]
    [InlineData(RefusalCause.Silence, LogLevel.Debug)]
    internal void What_a_scan_of_ports_does_is_told_to_developers_alone(RefusalCause cause, LogLevel level)
    {
        Add(cause, 1);

        Assert.Equal((level, "The connection from 10.0.0.1:999 to port 8080 was refused: why."), Assert.Single(_log.Lines.Select(static line => (line.Level, line.Text))));
    }

    [Fact]
    public void The_first_refusal_of_a_caller_is_told_and_of_the_rest_the_number()
    {
        for (var i = 0; i < 5; i++)
        {
            Add(RefusalCause.Certificate, 1);
            Add(RefusalCause.Certificate, 2);
        }

        Assert.Equal(2, _log.Refusals.Count());
        _time.Advance(TimeSpan.FromMinutes(1));
        Add(RefusalCause.Certificate, 1);

        Assert.EndsWith("8 more were refused for reasons of this kind since it was last told.", _log.Refusals.Last(), StringComparison.Ordinal);
        Assert.Equal(3, _log.Refusals.Count());
    }

    [Fact]
    public void However_many_callers_there_are_the_lines_are_few()
    {
        for (var i = 0; i < 200; i++)
        {
            Add(RefusalCause.Plaintext, (byte)i);
        }

        Assert.Equal(8, _log.Refusals.Count());
        Add(RefusalCause.Certificate, 1);
        Assert.Equal(9, _log.Refusals.Count());
    }

    private void Add(RefusalCause cause, byte host) => _refusals.Add(
        new InboundConnection(
            new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(new IPAddress([10, 0, 0, host]), 999), LocalEndPoint = new IPEndPoint(IPAddress.Any, 8080) },
            isExempt: false),
        new Refusal(cause, "why"));
}
