using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tool.Foreign;

/// <summary>Which foreign objects touch the calls to a service, in the words of Istio's own rules for them.</summary>
internal static class ForeignEffects
{
    private const string NotActedOn = "this version does not act on it";

    public static IEnumerable<ForeignEffect> On(CalledService service, IReadOnlyCollection<ForeignObject> objects)
    {
        var sidecar = SidecarOf(service, objects);
        foreach (var one in objects.OrderBy(static o => o.Key.Kind, StringComparer.Ordinal).ThenBy(static o => o.ToString(), StringComparer.Ordinal))
        {
            var effect = one.Key.Kind switch
            {
                ForeignKind.VirtualService => OfVirtualService(one, service),
                ForeignKind.ServiceEntry => OfServiceEntry(one, service),
                ForeignKind.Sidecar => ReferenceEquals(one, sidecar) ? OfSidecar(one, service) : null,
                ForeignKind.EnvoyFilter => OfEnvoyFilter(one, service),
                _ => null,
            };
            if (effect is not null)
            {
                yield return effect;
            }
        }
    }

    /// <summary>One that hangs on gateways alone is obeyed by them, and is no matter of calls inside the mesh.</summary>
    private static ForeignEffect? OfVirtualService(ForeignObject one, CalledService service)
    {
        var gateways = one.Spec.Texts("gateways");
        return (gateways.Length == 0 || gateways.Contains("mesh")) && IsFor(service, one, out var path)
            ? new ForeignEffect(one, path, $"a sidecar routes calls to {service.Host} by it; {NotActedOn}, but on HTTPRoutes and GRPCRoutes")
            : null;
    }

    private static ForeignEffect? OfServiceEntry(ForeignObject one, CalledService service) => IsFor(service, one, out var path)
        ? new ForeignEffect(one, path, $"a sidecar takes endpoints of {service.Host} from it; {NotActedOn}, but on Services and EndpointSlices")
        : null;

    private static ForeignEffect OfSidecar(ForeignObject one, CalledService service)
    {
        var hosts = one.Spec.Items("egress").OfType<MappingNode>().SelectMany(static egress => egress.Texts("hosts")).ToArray();
        return hosts.Length == 0 || hosts.Any(host => Imports(host, one, service))
            ? new ForeignEffect(one, "spec", $"it shapes what leaves the caller's sidecar; {NotActedOn}")
            : new ForeignEffect(one, "spec.egress", $"its hosts leave out {service.Host}, which a sidecar does not know then; {NotActedOn}");
    }

    /// <summary>An egress host is <c>namespace/name</c>; <c>.</c> is the namespace of the object and <c>~</c> none.</summary>
    private static bool Imports(string host, ForeignObject one, CalledService service)
    {
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        var (ns, name) = slash < 0 ? ("*", host) : (host[..slash], host[(slash + 1)..]);
        var isNamespace = ns switch
        {
            "*" => true,
            "." => one.Namespace == service.Id.Namespace,
            _ => ns == service.Id.Namespace,
        };
        return isNamespace && service.IsMeantBy(name, service.Id.Namespace);
    }

    /// <summary>One whose patches are all of inbound traffic, or of clusters of other services, changes nothing for the calls to this one.</summary>
    private static ForeignEffect? OfEnvoyFilter(ForeignObject one, CalledService service) =>
        IsOfCaller(one, service) && one.Spec["targetRefs"] is null && one.Spec.Items("configPatches").OfType<MappingNode>().Any(patch => IsOutbound(patch, service))
            ? new ForeignEffect(one, "spec.configPatches", $"it patches the sidecar that the caller would have; {NotActedOn}")
            : null;

    private static bool IsOutbound(MappingNode patch, CalledService service)
    {
        var match = patch.Mapping("match");
        var cluster = match.Mapping("cluster")?.Text("service");
        return (match?.Text("context") is null or "ANY" or "SIDECAR_OUTBOUND") && (cluster is null || cluster == service.Host);
    }

    private static bool IsFor(CalledService service, ForeignObject one, out string path)
    {
        var hosts = one.Spec.Texts("hosts");
        var index = Array.FindIndex(hosts, host => service.IsMeantBy(host, one.Namespace));
        path = $"spec.hosts[{index}]";
        return index >= 0 && service.IsExportedToCaller(one.Spec.Texts("exportTo"), one.Namespace);
    }

    /// <summary>One whose selector fits, else the namespace's own, else that of the whole mesh.</summary>
    private static ForeignObject? SidecarOf(CalledService service, IReadOnlyCollection<ForeignObject> objects) => objects
        .Where(one => one.Key.Kind == ForeignKind.Sidecar && IsOfCaller(one, service))
        .OrderByDescending(one => one.Namespace == service.Caller.Namespace)
        .ThenByDescending(static one => one.Spec["workloadSelector"] is not null)
        .ThenBy(static one => one.Key.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>Of the caller's namespace or of the whole mesh, and for the caller's labels.</summary>
    private static bool IsOfCaller(ForeignObject one, CalledService service)
    {
        var selector = one.Spec.Mapping("workloadSelector");
        return (one.Namespace == service.Caller.Namespace || one.Namespace == service.Caller.RootNamespace)
            && selector.Mapping("labels").AreAmong(service.Caller.Labels);
    }
}
