using System.Diagnostics.Metrics;
using MeshSdk.Telemetry;

namespace MeshSdk.AspNetCore.Telemetry;

/// <summary>Counts connections by how they came, and what was refused by why.</summary>
internal sealed class InboundMetrics
{
    public const string MutualTls = "mutual_tls";
    public const string Plaintext = "none";

    private readonly Counter<long> _connections;
    private readonly Counter<long> _refusals;

    public InboundMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeshTelemetry.SourceName);
        _connections = meter.CreateCounter<long>(
            "mesh.server.connections", "{connection}", "Connections of callers, counted when it is known whether they are taken.");
        _refusals = meter.CreateCounter<long>("mesh.server.refusals", "{request}", "Requests that the mesh has answered in the place of the application.");
    }

    public void ConnectionTaken(bool isSecure)
    {
        if (_connections.Enabled)
        {
            _connections.Add(1, SecurityOf(isSecure), new("outcome", "taken"), new("reason", ""));
        }
    }

    public void ConnectionRefused(bool isSecure, ConnectionRefusal reason)
    {
        if (_connections.Enabled)
        {
            _connections.Add(1, SecurityOf(isSecure), new("outcome", "refused"), new("reason", reason switch
            {
                ConnectionRefusal.Strict => "strict",
                ConnectionRefusal.Disabled => "disabled",
                ConnectionRefusal.Certificate => "certificate",
                ConnectionRefusal.Handshake => "handshake",
                _ => "timeout",
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
