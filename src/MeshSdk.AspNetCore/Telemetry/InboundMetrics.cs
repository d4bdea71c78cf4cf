using System.Diagnostics.Metrics;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.Telemetry;

namespace MeshSdk.AspNetCore.Telemetry;

/// <summary>Counts connections by how they came, and what was refused by why.</summary>
internal sealed class InboundMetrics
{
    public const string MutualTls = "mutual_tls";
    public const string Plaintext = "none";

    private readonly Counter<long> _connections;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _aborts;

    public InboundMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeshTelemetry.SourceName);
        _connections = meter.CreateCounter<long>(
            "mesh.server.connections", "{connection}", "Connections of callers, counted when it is known whether they are taken.");
        _refusals = meter.CreateCounter<long>("mesh.server.refusals", "{request}", "Requests that the mesh has answered in the place of the application.");
        _aborts = meter.CreateCounter<long>(
            "mesh.server.aborts", "{connection}", "Connections that were broken off, because they were not allowed any more and did not end in time.");
    }

    public void ConnectionTaken(bool isSecure)
    {
        if (_connections.Enabled)
        {
            _connections.Add(1, SecurityOf(isSecure), new("outcome", "taken"), new("reason", ""));
        }
    }

    public void ConnectionRefused(RefusalCause cause)
    {
        if (_connections.Enabled)
        {
            var isSecure = cause is not (RefusalCause.Plaintext or RefusalCause.Silence);
            _connections.Add(1, SecurityOf(isSecure), new("outcome", "refused"), new("reason", cause switch
            {
                RefusalCause.Certificate => "certificate",
                RefusalCause.NoIdentity => "no_identity",
                RefusalCause.Plaintext => "strict",
                RefusalCause.Tls => "disabled",
                RefusalCause.NoCertificate => "no_certificate",
                RefusalCause.Handshake => "handshake",
                _ => "silence",
            }));
        }
    }

    public void ConnectionAborted(InboundConnection connection)
    {
        if (_aborts.Enabled)
        {
            _aborts.Add(1, new KeyValuePair<string, object?>("reason", connection switch
            {
                { Lapsed: not null } => "lapsed",
                { IsSecure: true } => "disabled",
                _ => "strict",
            }));
        }
    }

    public void RequestRefused(RefusalKind kind)
    {
        if (_refusals.Enabled)
        {
            _refusals.Add(1, new KeyValuePair<string, object?>("reason", kind switch
            {
                RefusalKind.Policy => "policy",
                RefusalKind.Mode => "mode",
                RefusalKind.Unknown => "unknown",
                _ => "path",
            }));
        }
    }

    private static KeyValuePair<string, object?> SecurityOf(bool isSecure) => new("connection_security_policy", isSecure ? MutualTls : Plaintext);
}
