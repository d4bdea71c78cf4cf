using System.Diagnostics.Metrics;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.AspNetCore.Tests.Telemetry;

/// <summary>Connections are counted by how they came, and whether they were taken.</summary>
public sealed class ConnectionMetricTests : IDisposable
{
    private readonly MeshCertificateAuthority _authority = new();
    private readonly MeshCertificateAuthority _stranger = new();

    public static TheoryData<PeerAuthenticationMode, string, (string, string, string)> Cases => new(
        (PeerAuthenticationMode.Permissive, "plaintext", ("none", "taken", "")),
        (PeerAuthenticationMode.Permissive, "member", ("mutual_tls", "taken", "")),
        (PeerAuthenticationMode.Permissive, "stranger", ("mutual_tls", "refused", "certificate")),
        (PeerAuthenticationMode.Strict, "plaintext", ("none", "refused", "strict")),
        (PeerAuthenticationMode.Strict, "member", ("mutual_tls", "taken", "")),
        (PeerAuthenticationMode.Disable, "plaintext", ("none", "taken", "")),
        (PeerAuthenticationMode.Disable, "member", ("mutual_tls", "refused", "disabled")));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_is_counted_by_what_became_of_it(PeerAuthenticationMode mode, string caller, (string Security, string Outcome, string Reason) expected)
    {
        await using var host = await MeshHost.StartAsync(_authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"), options => options.Mode = mode);
        using var connections = new MetricCollector<long>(host.App.Services.GetRequiredService<IMeterFactory>(), "MeshSdk", "mesh.server.connections");
        using var client = host.Client(caller switch
        {
            "member" => _authority.Issue("spiffe://cluster.local/ns/web/sa/client"),
            "stranger" => _stranger.Issue("spiffe://cluster.local/ns/web/sa/client"),
            _ => null,
        });

        var error = await Record.ExceptionAsync(() => client.GetStringAsync("/"));

        Assert.Equal(expected.Outcome == "taken", error is null);
        await connections.WaitForMeasurementsAsync(1, TimeSpan.FromSeconds(60));
        var measurement = connections.GetMeasurementSnapshot()[0];
        Assert.Equal(expected, ((string)measurement.Tags["connection_security_policy"]!, (string)measurement.Tags["outcome"]!, (string)measurement.Tags["reason"]!));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
    }
}
