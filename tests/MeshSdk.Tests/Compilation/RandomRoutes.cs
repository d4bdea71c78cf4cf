using System.Collections.Immutable;
using CsCheck;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>Random objects over few names, so that they meet; good and bad values alike.</summary>
internal static class RandomRoutes
{
    private static readonly Gen<string> ServiceName = Const("a", "b", "c");
    private static readonly Gen<string> NamespaceName = Const("ns", "other", "istio-system");

    private static readonly Gen<HttpRouteMatch> Match = Gen.Select(
        Const<string?>(null, "Exact", "PathPrefix", "RegularExpression", "Nonsense"),
        Const("/", "/a", "/a/", "/a/b", "a", "/a//b", "/(", "/(?=x)", ""),
        Const<string?>(null, "GET", "POST", "get"),
        Values,
        Values,
        static (type, path, method, headers, query) => new HttpRouteMatch
        {
            Path = path.Length == 0 ? null : new HttpPathMatch { Type = type, Value = path },
            Method = method,
            Headers = headers,
            QueryParams = query,
        });

    private static readonly Gen<HttpBackendRef> Backend = Gen.Select(
        Const("a", "b", "c", "nowhere"),
        Const<int?>(null, 80, 81, 99),
        Const<int?>(null, 0, 1, 10, 90, -1, 2_000_000),
        Const<string?>(null, null, null, "Service", "Bucket"),
        Const<string?>(null, null, "ns", "other"),
        static (name, port, weight, kind, ns) => new HttpBackendRef { Name = name, Port = port, Weight = weight, Kind = kind, Namespace = ns });

    // Sound, wrong in a field, empty, and of no known type.
    private static readonly HttpRouteFilter[] Filters =
    [
        new() { Type = "RequestRedirect" },
        new() { Type = "RequestRedirect", RequestRedirect = new() { StatusCode = 302, Path = new() { Type = "ReplacePrefixMatch", ReplacePrefixMatch = "/x" } } },
        new() { Type = "URLRewrite", UrlRewrite = new() { Hostname = "*", Path = new() { Type = "Nonsense" } } },
        new() { Type = "RequestHeaderModifier", RequestHeaderModifier = new() { Set = [new() { Name = "a b", Value = "\r\n" }, null!], Remove = ["TE", null!] } },
        new() { Type = "RequestMirror", RequestMirror = new() { BackendRef = new() { Name = "gone", Port = 80 }, Percent = 101 } },
        new() { Type = "CORS", Cors = new() { AllowOrigins = ["*", "://", null!], MaxAge = -1, AllowMethods = ["GET", ""] } },
        new() { Type = "ExtensionRef", ExtensionRef = new() { Kind = "K", Name = "n" } },
        new() { Type = "Nonsense" },
        null!,
    ];

    private static readonly Gen<HttpRouteRule> Rule = Gen.Select(
        OrNull(Match).Array[0, 3],
        OrNull(Backend).Array[0, 3],
        Const<string?>(null, "10s", "nonsense"),
        Gen.Int[0, 30],
        static (matches, backends, timeout, filters) => new HttpRouteRule
        {
            Matches = [.. matches],
            BackendRefs = [.. backends],
            Retry = timeout == "nonsense" ? new HttpRouteRetry { Codes = [200], Attempts = -1 } : null,
            Timeouts = timeout is null ? null : new HttpRouteTimeouts { Request = timeout },
            Filters = filters < Filters.Length ? [Filters[filters]] : null,
        });

    private static readonly Gen<HttpRouteFilter> Filter = Gen.Select(
        Const("RequestMirror", "RequestHeaderModifier", "URLRewrite", "CORS", "ExtensionRef", "Nonsense", ""),
        OrNull(Backend),
        Gen.Bool,
        static (type, backend, isEmpty) =>
            new HttpRouteFilter { Type = type, RequestMirror = isEmpty ? null : new HttpRequestMirrorFilter { BackendRef = backend } });

    private static readonly Gen<GrpcRouteMatch> GrpcMatch = Gen.Select(
        Const<string?>(null, "Exact", "RegularExpression", "Nonsense"),
        Const<string?>(null, "", "a.B", ".a.B", "a..B", "a/b", "(", "a.*", "(?=x)"),
        Const<string?>(null, "", "Get", "9", "Get|Set", ")("),
        Values,
        Gen.Int[0, 4],
        static (type, service, method, headers, kind) => new GrpcRouteMatch
        {
            Method = kind == 0 ? null : new GrpcMethodMatch { Type = type, Service = service, Method = method },
            Headers = headers,
        });

    private static readonly Gen<GrpcRouteRule> GrpcRule = Gen.Select(
        OrNull(GrpcMatch).Array[0, 3],
        OrNull(Backend).Array[0, 3],
        OrNull(Filter).Array[0, 1],
        static (matches, backends, filters) => new GrpcRouteRule { Matches = [.. matches], BackendRefs = [.. backends], Filters = [.. filters] });

    private static readonly Gen<ParentReference> Parent = Gen.Select(
        ServiceName,
        Const<int?>(null, null, 80, 99),
        Const<string?>(null, null, "http"),
        Const<string?>("", "", "core", "gateway.networking.k8s.io"),
        Const<string?>(null, "ns", "other"),
        static (name, port, section, group, ns) =>
            new ParentReference { Kind = "Service", Name = name, Port = port, SectionName = section, Group = group, Namespace = ns });

    public static readonly Gen<HttpRoute> Route = Gen.Select(
        Const("r1", "r2", "r3"),
        NamespaceName,
        OrNull(Parent).Array[0, 3],
        OrNull(Rule).Array[0, 3],
        Gen.Int[0, 2],
        static (name, ns, parents, rules, age) =>
        {
            var route = Given.Route($"{ns}/{name}", parents, rules);
            return age == 0 ? route : route.CreatedAt(age);
        });

    private static readonly Gen<Resource> GrpcRoute = Gen.Select(
        Const("g1", "g2", "r1"),
        NamespaceName,
        OrNull(Parent).Array[0, 3],
        OrNull(GrpcRule).Array[0, 3],
        Gen.Int[0, 2],
        static (name, ns, parents, rules, age) =>
        {
            var route = Given.GrpcRoute($"{ns}/{name}", parents, rules);
            return (Resource)(age == 0 ? route : route.CreatedAt(age));
        });

    private static readonly Gen<Resource> Grant = Gen.Select(
        Const("t1", "t2"),
        Const("ns", "other"),
        Const("HTTPRoute ns", "GRPCRoute other", "HTTPRoute other", "Nonsense x"),
        Const("Service", "Service a", "Secret", "Service nowhere"),
        static (name, ns, from, to) => (Resource)Given.Grant($"{ns}/{name}", from, to));

    private static readonly Gen<PolicyTargetReference> Target = Gen.Select(
        ServiceName, Const<string?>(null, null, "http", "nowhere"), Const("Service", "Service", "Gateway", ""),
        static (name, section, kind) => Given.Target(name, section) with { Kind = kind });

    private static readonly Gen<Resource> TlsPolicy = Gen.Select(
        Const("t1", "t2"), Const("ns", "other"), OrNull(Target).Array[0, 3], Const("", "a.example"), Gen.Int[0, 3],
        static (name, ns, targets, host, kind) =>
        {
            var policy = Given.TlsPolicy($"{ns}/{name}", host, targets);
            policy = kind == 0 ? policy with { Spec = policy.Spec with { Validation = null! } } : policy.CreatedAt(kind);
            return (Resource)(kind == 1 ? policy with { Spec = null! } : policy);
        });

    private static readonly Gen<Resource> BackendTraffic = Gen.Select(
        Const("t1", "t2"), Const("ns", "other"), OrNull(Target).Array[0, 3], Const<int?>(null, -1, 20, 101), Const<string?>(null, "1s", "2h", "x"),
        static (name, ns, targets, number, interval) => (Resource)Given.TrafficPolicy(
            $"{ns}/{name}",
            new RetryConstraint
            {
                Budget = new RetryConstraintBudget { Percent = number, Interval = interval },
                MinRetryRate = interval is null ? null : new RetryConstraintRate { Count = number, Interval = interval },
            },
            targets));

    /// <summary>Routes with different names.</summary>
    public static readonly Gen<HttpRoute[]> Routes = Route.Array[0, 5].Select(static routes => routes.DistinctBy(static r => r.Key).ToArray());

    private static readonly Gen<Resource> Service = Gen.Select(
        ServiceName,
        Const("ns", "other"),
        Const("80", "http:80", "grpc:81", "web:80:example.com/x").Array[1, 2],
        Gen.Int[0, 9],
        Const("10.0.0.1", "fd00::1", "FD00:0::1", "None", "bad").Array[0, 2],
        Gen.Int[0, 2],
        static (name, ns, ports, kind, addresses, age) =>
        {
            var service = Given.Service($"{ns}/{name}", ports);
            service = service with { Spec = service.Spec with { ClusterIPs = [.. addresses] } };
            service = age == 0 ? service : service.CreatedAt(age);
            service = kind == 1 ? service with { Spec = service.Spec with { Ports = [null!, .. service.Spec.Ports!] } } : service;
            return (Resource)(kind == 0 ? service with { Spec = service.Spec with { Type = "ExternalName" } } : service);
        });

    private static readonly Gen<Resource> Slice = Gen.Select(
        Const("s1", "s2", "s3"),
        Const("ns", "other"),
        ServiceName,
        Const<int?>(null, 5678, 8080, 0),
        Gen.Select(
            Const("10.0.0.1", "10.0.0.2", "fd00::1", "bad"), Gen.Bool, Const(null, "p-1", "p-2"),
            static (address, ready, pod) => pod == "p-2" && address == "bad" ? null! : Given.Endpoint(address, ready, pod: pod)).Array[0, 3],
        Gen.Int[0, 4],
        static (name, ns, service, port, endpoints, age) =>
        {
            var slice = Given.Slice($"{ns}/{name}", service, port, endpoints) with { IsOutdated = age == 0 };
            return (Resource)(age == 1 ? slice with { Ports = [null!, .. slice.Ports!] } : slice);
        });

    private static readonly Gen<Resource> Pod = Gen.Select(
        Const("p-1", "p-2"),
        Const("ns", "other"),
        Const<string?>(null, "one", "two"),
        Const("10.0.0.1", "10.0.0.2", "fd00::1", "bad").Array[0, 2],
        Const<string?>(null, "istio", "disabled"),
        static (name, ns, account, addresses, mode) =>
        {
            var pod = Given.Pod($"{ns}/{name}", account, addresses);
            if (mode is not null)
            {
                pod.Metadata.Labels![MeshSdk.Resources.Pod.TlsModeLabel] = mode;
            }

            return (Resource)pod;
        });

    private static readonly Gen<Resource> Peers = Gen.Select(
        Const("p1", "p2"),
        NamespaceName,
        Const<string?>(null, "UNSET", "PERMISSIVE", "STRICT", "DISABLE", "NONSENSE"),
        Const<string?>(null, null, "pod-template-hash=6d4cf56db6", "app=x"),
        Const<string?>(null, "8080=STRICT,5678=DISABLE", "x=", "80="),
        static (name, ns, mode, selector, ports) => (Resource)Tls.TlsObjects.Peers($"{ns}/{name}", mode, selector, ports));

    private static readonly Gen<Resource> Certificates = Gen.Select(
        Const("c", "c-cacert"), Const("ns", "other"), Const<string?>(null, "", "nonsense"), Gen.Bool,
        static (name, ns, text, isSecret) => isSecret
            ? Tls.TlsObjects.Secret($"{ns}/{name}", new CertificateData { CaCrt = text, TlsCrt = text, TlsKey = text is null ? null : new(text) })
            : (Resource)Tls.TlsObjects.ConfigMap($"{ns}/{name}", text));

    private static readonly Gen<Resource> Policy = Gen.Select(
        Const("p1", "p2"),
        NamespaceName,
        Const("a", "b", "a.ns", "a.ns.svc.cluster.local", "*.ns.svc.cluster.local", "*", ""),
        Const("ROUND_ROBIN", "RANDOM", "NONSENSE"),
        Const(".", "*", "ns", "", null!).Array[0, 1],
        Const<string?>(null, null, "DISABLE", "ISTIO_MUTUAL", "SIMPLE"),
        Gen.Int[0, 9],
        static (name, ns, host, balancer, exportTo, tls, kind) =>
        {
            var rule = Given.Policy($"{ns}/{name}", host, balancer, exportTo);
            var policy = rule.Spec.TrafficPolicy! with
            {
                Tls = tls is null ? null : new ClientTlsSettings { Mode = tls, CredentialName = kind == 2 ? "c" : null },
                PortLevelSettings = kind switch
                {
                    0 => [null!],
                    1 => [new TrafficPolicy { Port = new PortSelector { Number = 80 } }],
                    _ => null,
                },
            };
            return (Resource)(rule with { Spec = rule.Spec with { TrafficPolicy = policy } });
        });

    /// <summary>Any object of any kind.</summary>
    public static readonly Gen<Resource> Any = Gen.OneOf(
        Service, Slice, Pod, Policy, Peers, Certificates, Route.Select(static route => (Resource)route), GrpcRoute, Grant, TlsPolicy, BackendTraffic);

    /// <summary>Objects that decide about mutual TLS where no rule does.</summary>
    public static readonly Gen<Resource> OfPeers = Gen.OneOf(Service, Slice, Pod, Peers);

    private static Gen<ImmutableArray<HttpValueMatch>?> Values =>
        Gen.Select(
            Const("x", "X", "y", ""),
            Const<string?>(null, "Exact", "RegularExpression", "Nonsense"),
            Const("1", "[0-9]+", "("),
            static (name, type, value) => new HttpValueMatch { Name = name, Type = type, Value = value })
        .Select(Gen.Int[0, 15], static (value, kind) => kind == 0 ? null! : value)
        .Array[0, 2].Select(static values => (ImmutableArray<HttpValueMatch>?)[.. values]);

    // What an API server would hardly store, and a reader that trusts types would fall over.
    private static Gen<T> OrNull<T>(Gen<T> gen)
        where T : class => Gen.Select(gen, Gen.Int[0, 15], static (value, kind) => kind == 0 ? null! : value);

    private static Gen<T> Const<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
