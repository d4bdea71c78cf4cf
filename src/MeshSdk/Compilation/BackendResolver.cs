using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// Resolves backend references. One that leads nowhere keeps its share, and that share is answered with 500; with 503 where it is not known whether it
/// leads anywhere.
/// </summary>
internal sealed class BackendResolver(ResourceStore store, UnknownResolver unknown, DiagnosticList diagnostics)
{
    public const int Status = 500;

    public BackendModel Resolve(HttpRoute route, HttpBackendRef backend, int rule, int index)
    {
        var cluster = new ClusterId(ResourceStoreReferences.NamespaceOr(backend.Namespace, route), backend.Name ?? "", backend.Port ?? 0);
        var failure = Failure(route, backend, rule, index);

        // A weight that means nothing fails the whole rule, so what stands in its place never counts.
        var weight = ResourceStoreAdmission.IsWeight(backend.Weight) ? backend.Weight ?? 1 : 0;
        return new BackendModel(cluster, weight, failure);
    }

    private RouteFailure? Failure(HttpRoute route, HttpBackendRef backend, int rule, int index)
    {
        if (route.ServiceBackend(backend) is not { } id)
        {
            return string.IsNullOrEmpty(backend.Name) && backend is { Kind: null or "Service", Group: null or "" or "core" }
                ? Fail(DiagnosticCode.BackendNotFound, ".name", "the reference names no Service")
                : Fail(DiagnosticCode.InvalidKind, "", $"a backend must be a Service, not a {KindOf(backend)}");
        }

        if (store.FindService(id) is not { } service)
        {
            return unknown.Missing(id) is { } open ? Leave(open) : Fail(DiagnosticCode.BackendNotFound, "", $"there is no Service {id}");
        }

        if (service.IsExternalName)
        {
            return Fail(DiagnosticCode.BackendNotFound, "", $"Service {id} is an ExternalName, which is no backend; DNS serves it to direct calls");
        }

        if (backend.Port is not { } number)
        {
            return Fail(DiagnosticCode.BackendNotFound, ".port", $"a reference to a Service needs a port; Service {id} has {PortsOf(service)}");
        }

        if (ServicePorts.Find(service, number) is not { } port)
        {
            return Fail(DiagnosticCode.BackendNotFound, ".port", $"Service {id} has no TCP port {number}, but {PortsOf(service)}");
        }

        if (!PortProtocol.IsSupported(port))
        {
            return Fail(
                DiagnosticCode.UnsupportedProtocol, "",
                $"port {number} of Service {id} declares appProtocol '{port.AppProtocol}', which the mesh does not speak");
        }

        return FailForFilters(route, backend, rule, index) ?? (unknown.Backend(id) is { } failure ? Leave(failure) : null);

        RouteFailure Leave(RouteFailure failure)
        {
            diagnostics.Error(route, failure.Reason, Path(rule, index, ""), $"{failure.Message}; its share is answered with {failure.Status}");
            return failure;
        }

        RouteFailure Fail(string code, string field, string message)
        {
            diagnostics.Error(route, code, Path(rule, index, field), $"{message}; its share is answered with {Status}");
            return new RouteFailure(Status, code) { Message = message };
        }
    }

    /// <summary>A filter must never be skipped: what it was to do may be what makes the call safe.</summary>
    private RouteFailure? FailForFilters(HttpRoute route, HttpBackendRef backend, int rule, int index)
    {
        var filters = backend.Filters.OrEmpty();
        for (var i = 0; i < filters.Length; i++)
        {
            diagnostics.Error(
                route, DiagnosticCode.UnsupportedValue, Path(rule, index, $".filters[{i}]"),
                $"the filter {filters[i].Type} is not supported by this version and must not be skipped; its share is answered with {Status}");
        }

        return filters.IsEmpty
            ? null
            : new RouteFailure(Status, DiagnosticCode.UnsupportedValue) { Message = $"the filter {filters[0].Type} of the backend is not supported" };
    }

    private static string Path(int rule, int index, string field) => $"spec.rules[{rule}].backendRefs[{index}]{field}";

    private static string KindOf(HttpBackendRef backend) =>
        string.IsNullOrEmpty(backend.Group) ? backend.Kind ?? "Service" : $"{backend.Kind ?? "Service"} of {backend.Group}";

    private static string PortsOf(Service service)
    {
        var numbers = ServicePorts.Of(service).Select(static port => port.Port.ToString(CultureInfo.InvariantCulture)).ToList();
        return numbers.Count == 0 ? "none" : string.Join(", ", numbers);
    }
}
