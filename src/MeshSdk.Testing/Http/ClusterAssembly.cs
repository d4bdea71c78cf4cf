using MeshSdk.Testing.Access;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Faults;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Http;

/// <summary>Puts a cluster together.</summary>
internal static class ClusterAssembly
{
    public static ClusterParts Build(EmbeddedKubernetesOptions options, out ResourceCatalog catalog, out IClusterApi api)
    {
        var semantics = options.Semantics ?? new ObjectSemantics();
        var store = new ResourceStore(options.RetainedEvents);
        var writer = new ObjectWriter(semantics, store, options.Time, options.Controllers);
        var faults = new FaultInjector(options.Time);
        catalog = new(semantics);
        api = new ClusterApi(catalog, store, writer);
        writer.Admissions = [.. Admissions(options, api)];
        return new()
        {
            Options = options,
            Semantics = semantics,
            Store = store,
            Writer = writer,
            Tokens = new(options.Time),
            Authorizer = options.EnforceAccess ? AuthorizerOf(options, api) : null,
            Faults = faults,
            Discovery = new(semantics),
            Watches = new(store, faults, options),
        };
    }

    /// <param name="certificateAuthority">As PEM, at the moment of the call.</param>
    public static IEnumerable<IController> Controllers(ClusterParts parts, Func<string> certificateAuthority) => parts.Options.ExtraControllers;

    private static IEnumerable<IAdmission> Admissions(EmbeddedKubernetesOptions options, IClusterApi api) =>
        options.ExtraAdmissions.Select(create => create(api));

    // Whoever asks for enforcement must never be left without it.
    private static IAuthorizer AuthorizerOf(EmbeddedKubernetesOptions options, IClusterApi api) =>
        options.Authorizer?.Invoke(api) ?? throw new NotSupportedException("There is no authorizer to enforce access by.");
}
