using System.Net;
using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.Tool.Explain;

/// <summary>Says what the mesh would do with a request, by the snapshot and the matching that the data plane itself uses.</summary>
internal sealed class Explainer(MeshSnapshot snapshot, MeshSecurity security, UnknownHosts? unknown = null, bool hasIdentity = false)
{
    private readonly Dictionary<string, ServiceModel> _hosts = IndexHosts(snapshot);
    private readonly BackendExplainer _backends = new(snapshot, security, hasIdentity);
    private readonly PolicyFiles _files = new(security);
    private readonly DiagnosticFilter _diagnostics = new(snapshot);

    public Explanation Explain(MeshRequest request)
    {
        if (!_hosts.TryGetValue(HostName(request.Url), out var service))
        {
            return Unserved(request);
        }

        var frontend = service.Frontends.FirstOrDefault(f => f.Id.Port == request.Url.Port);
        return frontend is null
            ? PassThrough(request, $"{service.Id} has no such port", [NoSuchPort(service, request.Url.Port), .. _diagnostics.Of(service.Id)])
            : Explain(request, frontend);
    }

    /// <summary>A host that no service has, as far as it can be told.</summary>
    private Explanation Unserved(MeshRequest request)
    {
        if (unknown?.Find(HostName(request.Url)) is not { } gap)
        {
            return PassThrough(request, "no service of the mesh has that name", []);
        }

        return gap.MayBeForeign
            ? PassThrough(request, "no service that could be read has that name", [gap.Diagnostic])
            : Fail(Answer(request, frontend: null), request, (int)HttpStatusCode.ServiceUnavailable, gap.Diagnostic.Message) with
            {
                Diagnostics = [gap.Diagnostic],
            };
    }

    private Explanation Explain(MeshRequest request, FrontendModel frontend)
    {
        if (request.IsGrpc && frontend.Grpc is { } grpc)
        {
            frontend = frontend with { Scope = grpc.Scope, Routes = grpc.Routes };
        }

        using var message = request.ToMessage();
        var hit = RouteMatcher.Match(frontend.Routes, message);
        if (hit == RouteMatcher.NoMatch)
        {
            return Fail(Answer(request, frontend), request, (int)HttpStatusCode.NotFound, "no rule of the routes matches") with
            {
                Diagnostics = _diagnostics.Of(frontend, rule: null),
            };
        }

        var match = frontend.Routes.Matches[hit];
        var rule = frontend.Routes.Rules[match.Rule];
        using var trial = new FilterTrial(request).Apply(rule.Filters);
        var answer = Answer(request, frontend) with
        {
            Route = RouteOf(rule, match),
            Request = trial.Request,
            Timeouts = RuleSettingsExplainer.TimeoutsOf(rule),
            Retry = RuleSettingsExplainer.RetryOf(rule),
            SessionPersistence = RuleSettingsExplainer.SessionOf(rule),
            Diagnostics = _diagnostics.Of(frontend, rule),
        };
        if (rule.Failure is null && trial.Status is { } status)
        {
            return trial.Location is null
                ? Fail(answer, request, status, "the mesh itself answers a preflight request") with { Status = status, GrpcStatus = null }
                : Redirect(answer, status, trial.Location, rule);
        }

        var backends = _backends.Explain(rule, request);
        if (rule.Failure is null && CommonRedirect(backends) is { Status: { } common, Location: { } location })
        {
            return Redirect(answer, common, location, rule) with { Backends = backends };
        }

        var failure = rule.Failure ?? CommonFailure(backends);
        answer = answer with
        {
            Action = ExplainedAction.Forward,
            Backends = backends,
            Mirrors = MirrorExplainer.Of(rule.Filters),
            ResponseHeaders = ResponseHeaders.Of(rule.Filters),
            Diagnostics = [.. _diagnostics.Of(frontend, rule), .. failure is null && !hasIdentity ? MissingIdentity.Of(backends) : [], .. UnusableFiles(rule)],
        };
        return failure is null ? answer : Fail(answer, request, failure.Status, failure.Message);
    }

    /// <summary>What the policies of those that requests of the rule go to name, and is not there.</summary>
    private IEnumerable<ExplainedDiagnostic> UnusableFiles(RouteRule rule) => rule.Backends.Backends
        .Where(static backend => backend is { Weight: > 0, LeadsSomewhere: true })
        .Select(backend => _backends.Find(backend.Cluster))
        .OfType<ClusterModel>()
        .SelectMany(_files.Check)
        .Distinct();

    /// <summary>What every request of the rule meets where no share of it can be served; null where one can.</summary>
    private static RouteFailure? CommonFailure(IReadOnlyList<ExplainedBackend> backends)
    {
        int? first = null;
        foreach (var backend in backends)
        {
            if (backend.Share > 0)
            {
                if (backend.Status is null || backend.Location is not null)
                {
                    return null;
                }

                first ??= backend.Status;
            }
        }

        return first is { } status
            ? new RouteFailure(status, "") { Message = "no backend with a share of the requests can serve them" }
            : new RouteFailure((int)HttpStatusCode.InternalServerError, "") { Message = "no backend has a share of the requests" };
    }

    /// <summary>Where all requests of the rule are sent that have a backend at all; null where they are not all sent there.</summary>
    private static ExplainedBackend? CommonRedirect(IReadOnlyList<ExplainedBackend> backends)
    {
        var shares = backends.Where(static backend => backend.Share > 0).ToList();
        return shares is [{ Location: { } location, Status: var status } first, ..]
            && shares.TrueForAll(backend => backend.Location == location && backend.Status == status)
                ? first
                : null;
    }

    private static Explanation Redirect(Explanation answer, int status, string location, RouteRule rule) => answer with
    {
        Action = ExplainedAction.Redirect,
        Status = status,
        Location = location,
        ResponseHeaders = ResponseHeaders.Of(rule.Filters),
    };

    /// <summary>A failed gRPC call is a successful HTTP exchange whose trailers tell.</summary>
    private static Explanation Fail(Explanation answer, MeshRequest request, int status, string reason) => answer with
    {
        Reason = reason,
        Action = ExplainedAction.Fail,
        Status = request.IsGrpc ? (int)HttpStatusCode.OK : status,
        GrpcStatus = request.IsGrpc ? GrpcCall.StatusFor(status) : null,
    };

    private static Explanation PassThrough(MeshRequest request, string reason, IReadOnlyList<ExplainedDiagnostic> diagnostics) =>
        Answer(request, frontend: null) with { Reason = reason, Diagnostics = diagnostics };

    private static Explanation Answer(MeshRequest request, FrontendModel? frontend) => new(
        Action: ExplainedAction.PassThrough,
        Frontend: frontend is { Id: var id } ? new ExplainedFrontend(id.Namespace, id.Service, id.Port) : null,
        Scope: ScopeOf(frontend),
        Route: null,
        Status: null,
        GrpcStatus: null,
        Location: null,
        Request: RequestOf(request),
        Backends: [],
        Mirrors: [],
        ResponseHeaders: ExplainedHeaderChange.None,
        Timeouts: null,
        Retry: null,
        SessionPersistence: null,
        Diagnostics: []);

    private static string? ScopeOf(FrontendModel? frontend) => frontend?.Scope switch
    {
        RouteScope.Producer => "producer",
        RouteScope.Consumer => "consumer",
        _ => null,
    };

    private static ExplainedRequest RequestOf(MeshRequest request) => new(
        request.Method, request.Host, request.Url.AbsolutePath, request.Url.Query.TrimStart('?'), HeaderMap.Of(request.Headers));

    private static ExplainedRoute? RouteOf(RouteRule rule, RouteMatch match) => rule.Route is { } route
        ? new ExplainedRoute(route.Kind, route.Namespace, route.Name, rule.Index, rule.Name, match.Index)
        : null;

    private static ExplainedDiagnostic NoSuchPort(ServiceModel service, int port) => new(
        "warning",
        "PortNotFound",
        $"Service {service.Id}",
        "spec.ports",
        $"there is no port {port}, but {(service.Frontends.IsEmpty ? "none" : string.Join(", ", service.Frontends.Select(static f => f.Id.Port)))}; "
            + "the call is left to DNS");

    private static string HostName(Uri url)
    {
        var host = url.IdnHost;
        return host.EndsWith('.') ? host[..^1] : host;
    }

    private static Dictionary<string, ServiceModel> IndexHosts(MeshSnapshot snapshot)
    {
        var hosts = new Dictionary<string, ServiceModel>(StringComparer.OrdinalIgnoreCase);
        foreach (var service in snapshot.Services.Values)
        {
            foreach (var host in service.Hosts)
            {
                hosts[host] = service;
            }
        }

        return hosts;
    }
}
