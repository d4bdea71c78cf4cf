using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// Finds out whether a reference leads to a service that can be used. One that leads nowhere fails with 500, with 503 where it is not known whether it
/// leads anywhere.
/// </summary>
internal sealed class ReferenceResolver(ResourceStore store, UnknownResolver unknown, bool enforcesGrants, DiagnosticList diagnostics)
{
    public const int Status = 500;

    /// <param name="route">Who refers.</param>
    /// <param name="backend">The reference.</param>
    /// <param name="path">Where in the route it stands.</param>
    /// <param name="consequence">What comes of it, for the diagnostic: its share is answered with a status, or it is left out.</param>
    /// <returns>Null where it leads to a service that can be used.</returns>
    public RouteFailure? Resolve(Resource route, HttpBackendRef backend, string path, Func<int, string> consequence)
    {
        if (route.ServiceBackend(backend) is not { } id)
        {
            return string.IsNullOrEmpty(backend.Name) && backend is { Kind: null or "Service", Group: null or "" or "core" }
                ? Fail(DiagnosticCode.BackendNotFound, ".name", "the reference names no Service")
                : Fail(DiagnosticCode.InvalidKind, "", $"a backend must be a Service, not a {KindOf(backend)}");
        }

        if (enforcesGrants && !store.Grants.Permits(route, id))
        {
            return unknown.Grants(id.Namespace) is { } open ? Leave(open) : Fail(
                DiagnosticCode.RefNotPermitted, "",
                $"no ReferenceGrant in namespace {id.Namespace} lets a {route.Kind} of namespace {route.Metadata.Namespace} refer to Service {id}");
        }

        if (store.FindService(id) is not { } service)
        {
            return unknown.Missing(id) is { } absent ? Leave(absent) : Fail(DiagnosticCode.BackendNotFound, "", $"there is no Service {id}");
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

        return unknown.Backend(id) is { } failure ? Leave(failure) : null;

        RouteFailure Leave(RouteFailure failure)
        {
            diagnostics.Error(route, failure.Reason, path, $"{failure.Message}; {consequence(failure.Status)}");
            return failure;
        }

        RouteFailure Fail(string code, string field, string message)
        {
            diagnostics.Error(route, code, path + field, $"{message}; {consequence(Status)}");
            return new RouteFailure(Status, code) { Message = message };
        }
    }

    private static string KindOf(HttpBackendRef backend) =>
        string.IsNullOrEmpty(backend.Group) ? backend.Kind ?? "Service" : $"{backend.Kind ?? "Service"} of {backend.Group}";

    private static string PortsOf(Service service)
    {
        var numbers = ServicePorts.Of(service).Select(static port => port.Port.ToString(CultureInfo.InvariantCulture)).ToList();
        return numbers.Count == 0 ? "none" : string.Join(", ", numbers);
    }
}
