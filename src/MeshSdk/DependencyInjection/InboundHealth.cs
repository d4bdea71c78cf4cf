using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Runtime;

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

    /// <summary>Why callers cannot be served; null where they can.</summary>
    public static string? Of(MeshRuntime runtime)
    {
        if (!runtime.ServesInbound || runtime.Inbound is not { Proxy.Kind: LocalProxyKind.None } model)
        {
            return null;
        }

        var identity = runtime.Identity;
        return model.Unknown is { } unknown ? $"Callers are answered 503, since it is not known what is asked of them: {unknown}"
            : identity.Store.Current is not null || !InboundReport.Extremes(model, runtime.OwnMode).IsStrict ? null
            : !identity.Finding.HasSource ? $"Callers are refused: the mode is STRICT, and this process has no identity to show: {identity.Finding.Reason}"
            : $"Callers are refused: the mode is STRICT, and this process has no identity to show at present from {identity.Finding.Source.Name}"
                + (identity.Store.Failure is { } failure ? $": {failure.Message}" : "");
    }
}
