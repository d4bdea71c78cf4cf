using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Runtime;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MeshSdk.DependencyInjection;

/// <summary>What the server half makes of the mesh's health: not ready where nobody can be served, whatever becomes of the process's own calls.</summary>
internal static class InboundHealth
{
    public static void AddTo(Dictionary<string, object> data, MeshRuntime runtime)
    {
        if (!runtime.ServesInbound)
        {
            return;
        }

        var model = runtime.Inbound;
        data["server:mode"] = model.Mode is { } mode ? mode.Text : runtime.OwnMode is { } own ? $"{InboundReport.Word(own)}, by its own choice" : "its own choice";
        foreach (var (port, stated) in model.Ports)
        {
            data[string.Create(CultureInfo.InvariantCulture, $"server:mode:{port}")] = stated.Text;
        }

        data["server:policies"] = model.Authorization.Denials.Length + (model.Authorization.Allowances?.Length ?? 0);
        if (model.Unknown is { } unknown)
        {
            data["server:unknown"] = unknown;
        }

        if (model.Proxy.Kind != LocalProxyKind.None)
        {
            data["server:standsAside"] = model.Proxy.Evidence;
        }
    }

    /// <summary>
    /// Why callers cannot be served; null where they can. What is refused at ports that nothing is known to listen at, and nowhere else, keeps nobody from being
    /// served.
    /// </summary>
    public static (HealthStatus Status, string Description)? Of(MeshRuntime runtime, HealthStatus failure)
    {
        if (!runtime.ServesInbound || runtime.Inbound is not { Proxy.Kind: LocalProxyKind.None } model)
        {
            return null;
        }

        if (model.Unknown is { } unknown)
        {
            return (failure, $"Callers are answered 503, since it is not known what is asked of them: {unknown}");
        }

        if (runtime.Identity.Store.Current is not null)
        {
            return null;
        }

        var listened = runtime.ListenedPorts;
        var isStrict = (model.Mode?.Mode ?? runtime.OwnMode) == PeerMode.Strict;
        if (listened.Count == 0 ? isStrict : listened.Any(port => (model.Ports.GetValueOrDefault(port)?.Mode == PeerMode.Strict) || (isStrict && !model.Ports.ContainsKey(port))))
        {
            return (failure, $"Callers are refused: the mode is STRICT, and {Lack(runtime.Identity)}");
        }

        var strict = model.Ports.Where(static port => port.Value.Mode == PeerMode.Strict).Select(static port => port.Key).Order().ToList();
        return strict.Count == 0 ? null : (
            HealthStatus.Degraded,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Callers of port {string.Join(", ", strict)}, which this process is not known to listen at, would be refused: its mode is STRICT, and {Lack(runtime.Identity)}"));
    }

    private static string Lack(IdentityLifetime identity) => identity.Finding.HasSource
        ? $"this process has no identity to show at present from {identity.Finding.Source.Name}{(identity.Store.Failure is { } failure ? $": {failure.Message}" : "")}"
        : $"this process has no identity to show: {identity.Finding.Reason}";
}
