using MeshSdk.Testing.Access;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.Addresses;
using MeshSdk.Testing.Controllers.EndpointSlices;
using MeshSdk.Testing.Controllers.Namespaces;
using MeshSdk.Testing.Faults;
using MeshSdk.Testing.Storage;
using Microsoft.Extensions.Logging;

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

    /// <param name="namespaceDefaults">Told of rotations, see <see cref="NamespaceDefaultsController.Refresh"/>.</param>
    public static IEnumerable<IController> Controllers(ClusterParts parts, NamespaceDefaultsController namespaceDefaults)
    {
        var loggers = parts.Options.LoggerFactory;
        IEnumerable<IController> own = !parts.Options.Controllers ? [] :
        [
            new EndpointSliceController(loggers.CreateLogger<EndpointSliceController>()),
            new NamespaceController(() => parts.Semantics.Types, loggers.CreateLogger<NamespaceController>()),
            namespaceDefaults,
        ];
        return own.Concat(parts.Options.ExtraControllers);
    }

    private static IEnumerable<IAdmission> Admissions(EmbeddedKubernetesOptions options, IClusterApi api)
    {
        // Its finalizer is one that only the controller takes away.
        IEnumerable<IAdmission> ofControllers = options.Controllers ? [new NamespaceAdmission()] : [];
        return [.. ofControllers, new ClusterIPAdmission(api), .. options.ExtraAdmissions.Select(create => create(api))];
    }

    private static IAuthorizer AuthorizerOf(EmbeddedKubernetesOptions options, IClusterApi api) =>
        options.Authorizer?.Invoke(api) ?? new RbacAuthorizer(api);
}
