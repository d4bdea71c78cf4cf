using System.Collections.Immutable;
using MeshSdk.Compilation.Localities;
using MeshSdk.Compilation.Policies;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// From where a mesh is looked at: who calls and how the process wants things compiled, completed by what the ConfigMap of the mesh says. What an option
/// states counts before that.
/// </summary>
/// <param name="Config">The ConfigMap that counts; null where there is none.</param>
/// <param name="Caller">Who calls, with the labels of its own pod where that is read.</param>
/// <param name="Options">How things are compiled.</param>
/// <param name="Defaults">What holds for services whose policies do not say otherwise.</param>
/// <param name="Settings">What the data plane needs to know of the mesh.</param>
/// <param name="Diagnostics">What is wrong with the ConfigMap.</param>
internal sealed record MeshViewpoint(
    MeshConfigMap? Config,
    CallerContext Caller,
    CompilerOptions Options,
    MeshDefaults Defaults,
    MeshSettings Settings,
    ImmutableArray<MeshDiagnostic> Diagnostics)
{
    /// <summary>The identities that pods of the mesh may prove.</summary>
    public required AccountIdentities Identities { get; init; }

    /// <summary>A newer version of the ConfigMap that does not count, since something in it cannot be read.</summary>
    public MeshConfigMap? Refused { get; private init; }

    /// <param name="store">Where the ConfigMap is, in the namespace that the caller has for the mesh's own.</param>
    /// <param name="caller">As the options have it.</param>
    /// <param name="options">As the process has them.</param>
    /// <param name="place">Where the caller is, and which labels its pod has; null: to be found out.</param>
    public static MeshViewpoint Of(ResourceStore store, CallerContext caller, CompilerOptions options, CallerPlace? place = null)
    {
        var map = store.FindMeshConfig(caller.RootNamespace);
        var diagnostics = new DiagnosticList();
        var refused = store.FindRefusedMeshConfig(caller.RootNamespace);
        if (refused is not null)
        {
            MeshConfigReader.ReportRefused(refused, diagnostics);
        }

        place ??= new CallerPlaceFinder(caller).Find(store);
        if (place.Proxy.Kind == LocalProxyKind.Sidecar)
        {
            diagnostics.Info(MeshDiagnostic.OfMesh, DiagnosticCode.SidecarPresent, $"every call passes through: a sidecar does the mesh's work ({place.Proxy.Evidence})");
        }

        var config = map is null ? MeshConfig.Empty : MeshConfigReader.Read(map, diagnostics);
        var completed = caller with
        {
            TrustDomain = caller.StatesTrustDomain ? caller.TrustDomain : config.TrustDomain ?? caller.TrustDomain,
            RootNamespace = caller.StatesRootNamespace ? caller.RootNamespace : config.RootNamespace ?? caller.RootNamespace,
            HidesRules = config.HidesRules,
            Labels = place.Labels,
            Proxy = place.Proxy,
        };
        return new MeshViewpoint(
            map,
            completed,
            options with { DefaultRetry = RetryOf(config, options) },
            config.Defaults with { ConnectTimeout = config.ConnectTimeout ?? options.ConnectTimeout },
            config.Settings with { TrustDomain = completed.TrustDomain, Proxy = place.Proxy },
            diagnostics.ToImmutable())
        {
            Identities = new AccountIdentities(completed.TrustDomain, config.Settings.TrustDomainAliases),
            Refused = refused,
        };
    }

    /// <summary>A process that does not do as Istio does has no retries but those that routes ask for.</summary>
    private static RouteRetry? RetryOf(MeshConfig config, CompilerOptions options) =>
        options.DefaultRetry is not { } istio ? null
        : config.Retry is not { } stated ? istio
        : stated.Attempts == 0 ? null
        : stated;
}
