namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>Everyone who may call, by name, and what each can do.</summary>
internal static class Callers
{
    private static readonly string[] All = [Layers.MutualTls, Layers.Plaintext, Layers.OneSidedTls];
    private static readonly string[] Secure = [Layers.MutualTls, Layers.OneSidedTls];
    private static readonly string[] Everything = [Protocols.Http1, Protocols.Http2, Protocols.Grpc];

    /// <summary>Those inside of this process.</summary>
    public static IReadOnlyList<(string Name, ICaller Caller, string[] Protocols, string[] Layers)> Inside { get; } =
    [
        ("MeshSdk, told by a DestinationRule", new MeshCaller(isTold: true), Everything, All),
        ("MeshSdk, by auto mTLS", new MeshCaller(isTold: false), Everything, [Layers.MutualTls]),
        ("HttpClient", new HttpClientCaller(), Everything, All),
        ("Grpc.Net.Client", new GrpcCaller(), [Protocols.Grpc], All),
        ("the ALPN lists of a sidecar", StreamCaller.Sidecar, Everything, All),
        ("bare h2", StreamCaller.BareHttp2, [Protocols.Http2, Protocols.Grpc], All),
        ("no ALPN", StreamCaller.WithoutAlpn, [Protocols.Http1], Secure),
    ];

    /// <summary>Those that are programs of their own.</summary>
    public static IReadOnlyList<(string Name, ICaller Caller, string[] Protocols, string[] Layers)> Programs { get; } =
    [
        ("openssl s_client", new OpenSslCaller(""), Everything, Secure),
        ("openssl s_client, TLS 1.2", new OpenSslCaller("-tls1_2"), Everything, Secure),
        ("Node", new NodeCaller(), Everything, All),
        ("curl", new CurlCaller(), Everything, All),
    ];

    public static ICaller Named(string name) => Inside.Concat(Programs).First(caller => caller.Name == name).Caller;
}
