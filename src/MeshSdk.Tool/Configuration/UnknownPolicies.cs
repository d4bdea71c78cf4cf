using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tool.Configuration;

/// <summary>Services of which it cannot be told which policies apply, and so not whether they are spoken to in plaintext.</summary>
internal sealed class UnknownPolicies(ResourceStore store, CallerContext caller)
{
    /// <summary>Stands where the TLS of an endpoint would.</summary>
    public const string Tls = "unknown";

    // The ConfigMap of the mesh may say which namespace is its own.
    private readonly CallerContext _caller = MeshViewpoint.Of(store, caller, CompilerOptions.Default).Caller;

    /// <summary>Whether the TLS of the service's endpoints would be a guess.</summary>
    public bool LeaveTlsOpen(ServiceId service) => Concern(service) || new UnknownResolver(store, _caller).TlsOf(service) is not null;

    /// <summary>Whether it cannot be told which destination rule applies.</summary>
    public bool Concern(ServiceId service) =>
        new PolicyResolver(_caller, store.Rules, store.Unknown).FindUnknown(service.Namespace, store.HostOf(service)) is not null;
}
