using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MeshSdk.Compilation;
using MeshSdk.Compilation.Policies;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>Objects in few words. A name is <c>namespace/name</c>, or a name alone in the namespace <c>ns</c>.</summary>
internal static class Given
{
    public const string Namespace = "ns";

    public static ResourceStore Store(params Resource[] resources)
    {
        var store = new ResourceStore() { ReplacesConfig = MeshConfigReader.Replaces, KeepsCertificates = PemCheck.Keep };
        store.Apply([.. resources], []);
        return store;
    }

    public static MeshSnapshot Snapshot(params Resource[] resources) => SnapshotFor(Namespace, resources);

    public static MeshSnapshot SnapshotFor(string caller, params Resource[] resources) =>
        Compiler(caller).Compile(Store(resources));

    public static MeshCompiler Compiler(string caller = Namespace, params (string Name, string Value)[] labels) =>
        new(new CallerContext { Namespace = caller, Labels = labels.ToDictionary(l => l.Name, l => l.Value) }, CompilerOptions.Default);

    public static MeshCompiler Compiler(CompilerOptions options, string caller = Namespace) => new(new CallerContext { Namespace = caller }, options);

    /// <summary>Ports as <c>80</c>, <c>http:80</c> or <c>http:80:http2</c> (name, number, appProtocol).</summary>
    public static Service Service(string name, params string[] ports) => new()
    {
        Metadata = Meta(name),
        Spec = new ServiceSpec { Ports = [.. (ports.Length == 0 ? ["80"] : ports).Select(Port)] },
    };

    public static ServicePort Port(string text)
    {
        var parts = text.Split(':', 3);
        return parts.Length == 1
            ? new ServicePort { Port = Number(parts[0]) }
            : new ServicePort { Name = parts[0].Length == 0 ? null : parts[0], Port = Number(parts[1]), AppProtocol = parts.ElementAtOrDefault(2) };
    }

    /// <summary>One unnamed port.</summary>
    public static EndpointSlice Slice(string name, string service, int? port, params SliceEndpoint[] endpoints) =>
        Slice(name, service, [new SlicePort { Port = port }], endpoints);

    public static EndpointSlice Slice(string name, string service, SlicePort[] ports, params SliceEndpoint[] endpoints)
    {
        var meta = Meta(name);
        return new EndpointSlice
        {
            Metadata = meta with { Labels = new() { [EndpointSlice.ServiceNameLabel] = service } },
            AddressType = "IPv4",
            Ports = [.. ports],
            Endpoints = [.. endpoints],
        };
    }

    public static SliceEndpoint Endpoint(string address, bool? ready = null, bool? serving = null, bool? terminating = null, string? uid = null, string? pod = null) => new()
    {
        Addresses = [address],
        Conditions = new EndpointConditions { Ready = ready, Serving = serving, Terminating = terminating },
        TargetRef = uid is null && pod is null ? null : new ObjectReference { Kind = "Pod", Uid = uid, Name = pod },
    };

    /// <summary>A pod of a Deployment, whose name is its own without what comes after the first dash.</summary>
    public static Pod Pod(string name, string? account = null, params string[] addresses)
    {
        var meta = Meta(name);
        var deployment = meta.Name.Split('-')[0];
        return new Pod
        {
            Metadata = meta with
            {
                Labels = new() { ["pod-template-hash"] = "6d4cf56db6" },
                OwnerReferences = [new OwnerReference { Kind = "ReplicaSet", Name = $"{deployment}-6d4cf56db6", Controller = true }],
            },
            Spec = new PodSpec { ServiceAccountName = account },
            Status = new PodStatus { PodIPs = [.. addresses.Select(static address => new PodIP { Ip = address })] },
        };
    }

    /// <summary>A route with one parent, a Service in the namespace <c>ns</c> unless it says otherwise.</summary>
    public static HttpRoute Route(string name, string parent, params HttpRouteRule[] rules) =>
        Route(name, [Parent(parent)], rules);

    public static HttpRoute Route(string name, ParentReference[] parents, params HttpRouteRule[] rules) => new()
    {
        Metadata = Meta(name),
        Spec = new HttpRouteSpec { ParentRefs = [.. parents], Rules = [.. rules] },
    };

    public static GrpcRoute GrpcRoute(string name, string parent, params GrpcRouteRule[] rules) => GrpcRoute(name, [Parent(parent)], rules);

    public static GrpcRoute GrpcRoute(string name, ParentReference[] parents, params GrpcRouteRule[] rules) => new()
    {
        Metadata = Meta(name),
        Spec = new GrpcRouteSpec { ParentRefs = [.. parents], Rules = [.. rules] },
    };

    public static GrpcRouteRule GrpcRule(params HttpBackendRef[] backends) => new() { BackendRefs = [.. backends] };

    public static GrpcRouteRule GrpcRule(GrpcRouteMatch match, params HttpBackendRef[] backends) => new() { Matches = [match], BackendRefs = [.. backends] };

    public static GrpcRouteMatch Call(string? service, string? method = null, string? type = null, params HttpValueMatch[] headers) => new()
    {
        Method = new GrpcMethodMatch { Service = service, Method = method, Type = type },
        Headers = [.. headers],
    };

    /// <summary>Who may refer is <c>Kind namespace</c>, what to is <c>Kind</c> or <c>Kind name</c>, with the usual groups.</summary>
    public static ReferenceGrant Grant(string name, string from, string to)
    {
        var (source, target) = (from.Split(' '), to.Split(' '));
        return new ReferenceGrant
        {
            Metadata = Meta(name),
            Spec = new ReferenceGrantSpec
            {
                From = [new ReferenceGrantFrom { Group = "gateway.networking.k8s.io", Kind = source[0], Namespace = source[1] }],
                To = [new ReferenceGrantTo { Kind = target[0], Name = target.ElementAtOrDefault(1) }],
            },
        };
    }

    public static BackendTlsPolicy TlsPolicy(string name, string hostname, params PolicyTargetReference[] targets) => new()
    {
        Metadata = Meta(name),
        Spec = new BackendTlsPolicySpec
        {
            TargetRefs = [.. targets],
            Validation = new BackendTlsValidation { Hostname = hostname, WellKnownCACertificates = "System" },
        },
    };

    public static BackendTrafficPolicy TrafficPolicy(string name, RetryConstraint? retries, params PolicyTargetReference[] targets) => new()
    {
        Metadata = Meta(name),
        Spec = new BackendTrafficPolicySpec { TargetRefs = [.. targets], RetryConstraint = retries },
    };

    public static PolicyTargetReference Target(string service, string? section = null) => new() { Kind = "Service", Name = service, SectionName = section };

    public static ParentReference Parent(string name, int? port = null, string? section = null, string? group = "")
    {
        var meta = Meta(name);
        return new ParentReference { Group = group, Kind = "Service", Namespace = meta.Namespace, Name = meta.Name, Port = port, SectionName = section };
    }

    public static HttpRouteRule Rule(params HttpBackendRef[] backends) => new() { BackendRefs = [.. backends] };

    public static HttpRouteRule Rule(HttpRouteMatch match, params HttpBackendRef[] backends) => new() { Matches = [match], BackendRefs = [.. backends] };

    public static HttpBackendRef Backend(string name, int? weight = null, int? port = 80)
    {
        var meta = Meta(name);
        return new HttpBackendRef { Namespace = meta.Namespace, Name = meta.Name, Weight = weight, Port = port };
    }

    public static HttpRouteMatch Path(string value, string? type = null) => new() { Path = new HttpPathMatch { Type = type, Value = value } };

    public static HttpValueMatch Value(string name, string value = "v", string? type = null) => new() { Name = name, Value = value, Type = type };

    public static DestinationRule Policy(string name, string host, string loadBalancer, params string[] exportTo) => new()
    {
        Metadata = Meta(name),
        Spec = new DestinationRuleSpec
        {
            Host = host,
            TrafficPolicy = new TrafficPolicy { LoadBalancer = new LoadBalancerSettings { Simple = loadBalancer } },
            ExportTo = exportTo.Length == 0 ? null : [.. exportTo],
        },
    };

    public static T CreatedAt<T>(this T resource, int second)
        where T : Resource =>
        (T)(resource with { Metadata = resource.Metadata with { CreationTimestamp = DateTimeOffset.UnixEpoch.AddSeconds(second) } });

    public static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    public static ServiceModel Service(this MeshSnapshot snapshot, string name) => snapshot.Services[Id(name)];

    public static FrontendModel Frontend(this MeshSnapshot snapshot, string name, int port = 80) =>
        snapshot.Service(name).Frontends.Single(frontend => frontend.Id.Port == port);

    public static ClusterModel Cluster(this MeshSnapshot snapshot, string name, int port = 80) =>
        snapshot.Service(name).Clusters.Single(cluster => cluster.Id.Port == port);

    public static ServiceId Id(string name)
    {
        var meta = Meta(name);
        return new ServiceId(meta.Namespace, meta.Name);
    }

    public static ImmutableArray<string> Codes(this IEnumerable<MeshDiagnostic> diagnostics) =>
        [.. diagnostics.Select(diagnostic => $"{diagnostic.Severity} {diagnostic.Code} {diagnostic.Path}".TrimEnd())];

    private static ObjectMeta Meta(string name)
    {
        var slash = name.IndexOf('/');
        return slash < 0
            ? new ObjectMeta { Namespace = Namespace, Name = name }
            : new ObjectMeta { Namespace = name[..slash], Name = name[(slash + 1)..] };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
