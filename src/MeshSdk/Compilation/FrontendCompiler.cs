using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MeshSdk.Compilation.Coexistence;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Compiles what callers of each port of a service meet: the routes that count for it, or the service itself.</summary>
internal sealed class FrontendCompiler
{
    private readonly ResourceStore _store;
    private readonly Service _source;
    private readonly ServiceId _service;
    private readonly ImmutableArray<ServicePort> _ports;
    private readonly UnknownResolver _unknown;
    private readonly CompilerOptions _options;
    private readonly RouteCompiler _compiler;
    private readonly RouteSelector _selector;
    private readonly DiagnosticList _diagnostics;
    private readonly List<RouteResource> _routes;
    private readonly CompiledRoute?[] _compiled;
    private readonly List<(List<int> Routes, RouteTable Table)> _tables = [];
    private readonly WaypointPath? _waypoint;

    public FrontendCompiler(
        ResourceStore store,
        ServiceCore service,
        CallerContext caller,
        UnknownResolver unknown,
        PatternCache patterns,
        CompilerOptions options,
        DiagnosticList diagnostics)
    {
        _store = store;
        _source = service.Service;
        _service = _source.ServiceId();
        _unknown = unknown;
        _ports = service.Ports;
        _options = options;
        _diagnostics = diagnostics;
        _compiler = new RouteCompiler(store, unknown, patterns, options, diagnostics);
        _routes = [.. store.RoutesOf(_service)];
        _routes.Sort(RoutePrecedence.CompareRoutes);
        _selector = new RouteSelector(_service, caller.Namespace, unknown, _routes);
        _compiled = new CompiledRoute?[_routes.Count];
        _waypoint = WaypointPath.Of(store, _source, caller);
        _waypoint?.Report(_source, _routes, diagnostics);
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
            _diagnostics.Error(_source, own.Reason, "", $"{own.Message}; calls that lead to it are answered with {own.Status}");
        }

        for (var i = 0; i < frontends.Length; i++)
        {
            frontends[i] = Compile(_ports[i], own);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(frontends);
    }

    private FrontendModel Compile(ServicePort port, RouteFailure? own)
    {
        var id = new ClusterId(_service.Namespace, _service.Name, port.Port);
        if (_waypoint is { IsBypassed: false })
        {
            return new FrontendModel(id, null, RouteTableBuilder.Direct(id, own));
        }

        var http = _selector.ForHttp(port);
        if (http.Unknown is { } open)
        {
            _diagnostics.Error(_source, open.Reason, "", $"{open.Message}; calls to Service {_service} are answered with {open.Status}");
        }

        var frontend = new FrontendModel(id, http.Scope, TableOf(id, http, own));
        if (!_selector.DistinguishesGrpc || _selector.ForGrpc(port) is var grpc && grpc.IsSameAs(http))
        {
            return frontend;
        }

        if (grpc.Unknown is { } openGrpc)
        {
            // All other calls go on: whoever calls nothing by gRPC need not be able to read these.
            _diagnostics.Warning(
                _source, openGrpc.Reason, "", $"{openGrpc.Message}; gRPC calls to Service {_service} are answered with UNAVAILABLE, all others are not touched");
        }

        return frontend with { Grpc = new GrpcRoutes(grpc.Scope, TableOf(id, grpc, own)) };
    }

    private RouteTable TableOf(ClusterId id, SelectedRoutes selected, RouteFailure? own)
    {
        if (selected.Unknown is { } open)
        {
            return RouteTableBuilder.Failing(open);
        }

        if (selected.Scope is null)
        {
            return RouteTableBuilder.Direct(id, own, own is null ? new ServiceSessions(_store).Of(_service) : null, _options.DefaultRetry);
        }

        // Most routes name no port, so that the ports of a service share one table.
        foreach (var (routes, known) in _tables)
        {
            if (routes.SequenceEqual(selected.Routes))
            {
                return known;
            }
        }

        var table = RouteTableBuilder.Build(selected.Routes.ConvertAll(CompileRoute));
        _tables.Add((selected.Routes, table));
        return table;
    }

    private CompiledRoute CompileRoute(int index) => _compiled[index] ??= _compiler.Compile(_routes[index]);

    public static bool Means(ParentReference parent, ServicePort port) =>
        (parent.Port is null || parent.Port == port.Port)
        && (string.IsNullOrEmpty(parent.SectionName) || parent.SectionName == port.Name);

    private void ReportParents(RouteResource route)
    {
        var parents = route.Parents;
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
