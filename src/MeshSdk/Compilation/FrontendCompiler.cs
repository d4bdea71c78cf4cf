using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Decides which routes count for each port of a service, and compiles those.</summary>
internal sealed class FrontendCompiler
{
    private readonly Service _source;
    private readonly ServiceId _service;
    private readonly ImmutableArray<ServicePort> _ports;
    private readonly CallerContext _caller;
    private readonly UnknownResolver _unknown;
    private readonly RouteCompiler _compiler;
    private readonly DiagnosticList _diagnostics;
    private readonly List<HttpRoute> _routes;
    private readonly CompiledRoute?[] _compiled;

    public FrontendCompiler(
        ResourceStore store, ServiceCore service, CallerContext caller, UnknownResolver unknown, CompilerOptions options, PatternCache patterns,
        DiagnosticList diagnostics)
    {
        _source = service.Service;
        _service = _source.ServiceId();
        _unknown = unknown;
        _ports = service.Ports;
        _caller = caller;
        _diagnostics = diagnostics;
        _compiler = new RouteCompiler(store, unknown, options, patterns, diagnostics);
        _routes = [.. store.RoutesOf(_service)];
        _routes.Sort(RoutePrecedence.CompareRoutes);
        _compiled = new CompiledRoute?[_routes.Count];
        foreach (var route in _routes)
        {
            ReportParents(route);
            if (store.RefusedVersionOf(route) is { } refused)
            {
                RouteFault.Report(refused, diagnostics);
            }
        }
    }

    public ImmutableArray<FrontendModel> Compile()
    {
        var frontends = new FrontendModel[_ports.Length];
        var own = _unknown.Backend(_service);
        if (own is not null)
        {
            Report(own, "calls that lead to it");
        }

        List<int>? previous = null;
        for (var i = 0; i < frontends.Length; i++)
        {
            var id = new ClusterId(_service.Namespace, _service.Name, _ports[i].Port);
            var (scope, routes, open) = RoutesFor(_ports[i]);
            if (open is not null)
            {
                Report(open, $"calls to Service {_service}");
                frontends[i] = new FrontendModel(id, null, RouteTableBuilder.Failing(open));
            }
            else if (scope is null)
            {
                frontends[i] = new FrontendModel(id, null, RouteTableBuilder.Direct(id, own));
            }
            else if (previous is not null && previous.SequenceEqual(routes))
            {
                // Most routes name no port, so that the ports of a service share one table.
                frontends[i] = new FrontendModel(id, scope, frontends[i - 1].Routes);
            }
            else
            {
                frontends[i] = new FrontendModel(id, scope, RouteTableBuilder.Build(routes.ConvertAll(CompileRoute)));
            }

            previous = scope is null ? null : routes;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(frontends);
    }

    /// <summary>
    /// The routes of the caller's own namespace where it has any for this port, else those of the service's. Routes of other namespaces are
    /// other callers' own.
    /// </summary>
    /// <remarks>
    /// Where the caller's routes are not known nothing can be told, since any of them would replace those of the service. Where they are known and there is
    /// one, those of the service do not count, and need not be known.
    /// </remarks>
    private (RouteScope? Scope, List<int> Routes, RouteFailure? Unknown) RoutesFor(ServicePort port)
    {
        if (_unknown.RoutesIn(_caller.Namespace) is { } consumersUnknown)
        {
            return (null, [], consumersUnknown);
        }

        if (_caller.Namespace != _service.Namespace && RoutesFor(port, _caller.Namespace) is { Count: > 0 } own)
        {
            return (RouteScope.Consumer, own, null);
        }

        if (_unknown.RoutesIn(_service.Namespace) is { } producersUnknown)
        {
            return (null, [], producersUnknown);
        }

        var producers = RoutesFor(port, _service.Namespace);
        return (producers.Count > 0 ? RouteScope.Producer : null, producers, null);
    }

    private void Report(RouteFailure unknown, string calls) =>
        _diagnostics.Error(_source, unknown.Reason, "", $"{unknown.Message}; {calls} are answered with {unknown.Status}");

    private List<int> RoutesFor(ServicePort port, string @namespace)
    {
        var found = new List<int>();
        for (var i = 0; i < _routes.Count; i++)
        {
            if (_routes[i].Metadata.Namespace == @namespace && IsAttached(_routes[i], port))
            {
                found.Add(i);
            }
        }

        return found;
    }

    private CompiledRoute CompileRoute(int index) => _compiled[index] ??= _compiler.Compile(_routes[index]);

    private bool IsAttached(HttpRoute route, ServicePort port)
    {
        foreach (var parent in route.Spec.ParentRefs.OrEmpty())
        {
            if (route.ServiceParent(parent) == _service && Means(parent, port))
            {
                return true;
            }
        }

        return false;
    }

    public static bool Means(ParentReference parent, ServicePort port) =>
        (parent.Port is null || parent.Port == port.Port)
        && (string.IsNullOrEmpty(parent.SectionName) || parent.SectionName == port.Name);

    private void ReportParents(HttpRoute route)
    {
        var parents = route.Spec.ParentRefs.OrEmpty();
        for (var i = 0; i < parents.Length; i++)
        {
            var parent = parents[i];
            if (route.ServiceParent(parent) == _service && !_ports.Any(port => Means(parent, port)))
            {
                var wanted = string.IsNullOrEmpty(parent.SectionName) ? $"{parent.Port}" : $"{parent.SectionName} {parent.Port}".TrimEnd();
                var present = string.Join(", ", _ports.Select(static port => $"{port.Name} {port.Port}".TrimStart()));
                _diagnostics.Warning(
                    route, DiagnosticCode.NoMatchingParent, $"spec.parentRefs[{i}]",
                    $"Service {_service} has no TCP port {wanted}".TrimEnd() + $", but {(present.Length == 0 ? "none" : present)}; the route does not apply to it");
            }
        }
    }
}
