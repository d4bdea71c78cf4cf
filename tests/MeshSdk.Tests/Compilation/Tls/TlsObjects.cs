using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Tls;

/// <summary>Objects that decide about TLS, in few words.</summary>
internal static class TlsObjects
{
    public static CompilerOptions WithIdentity { get; } = new() { HasIdentity = true };

    public static MeshSnapshot Compile(CompilerOptions options, params Resource[] resources) => Given.Compiler(options).Compile(Given.Store(resources));

    /// <summary>A pod that says that it can do mutual TLS, unless it is given another label, or none.</summary>
    public static Pod MeshPod(string name, string address, string? account = null, string? mode = "istio", params (string Name, string Value)[] labels)
    {
        var pod = Given.Pod(name, account, address.Length == 0 ? [] : [address]);
        var all = labels.ToDictionary(static label => label.Name, static label => label.Value);
        if (mode is not null)
        {
            all[Pod.TlsModeLabel] = mode;
        }

        return pod with { Metadata = pod.Metadata with { Labels = all } };
    }

    /// <param name="name">As everywhere in <see cref="Given"/>.</param>
    /// <param name="mode">Null: not stated.</param>
    /// <param name="selector">As <c>name=value</c>; null: none.</param>
    /// <param name="ports">As <c>8080=STRICT,9090=</c>.</param>
    public static PeerAuthentication Peers(string name, string? mode, string? selector = null, string? ports = null)
    {
        var id = Given.Id(name);
        return new PeerAuthentication
        {
            Metadata = new ObjectMeta { Namespace = id.Namespace, Name = id.Name },
            Spec = new PeerAuthenticationSpec
            {
                Selector = selector is null ? null : new WorkloadSelector
                {
                    MatchLabels = selector.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split('=')).ToDictionary(static l => l[0], static l => l[1]),
                },
                Mtls = mode is null ? null : new PeerMutualTls { Mode = mode },
                PortLevelMtls = ports?.Split(',').Select(static p => p.Split('=')).ToDictionary(
                    static p => p[0], static p => p[1].Length == 0 ? null : new PeerMutualTls { Mode = p[1] }),
            },
        };
    }

    public static DestinationRule Rule(ClientTlsSettings? tls, string host = "a", string name = "r", params TrafficPolicy[] ports)
    {
        var id = Given.Id(name);
        return new DestinationRule
        {
            Metadata = new ObjectMeta { Namespace = id.Namespace, Name = id.Name },
            Spec = new DestinationRuleSpec
            {
                Host = host,
                TrafficPolicy = new TrafficPolicy { Tls = tls, PortLevelSettings = ports.Length == 0 ? null : [.. ports] },
            },
        };
    }

    public static DestinationRule Rule(string mode) => Rule(new ClientTlsSettings { Mode = mode });

    public static TrafficPolicy Port(int number, ClientTlsSettings? tls = null) => new() { Port = new PortSelector { Number = number }, Tls = tls };

    public static MeshConfigMap MeshConfig(string text) => new()
    {
        Metadata = new ObjectMeta { Namespace = "istio-system", Name = "istio" },
        Data = new MeshConfigData { Mesh = text },
    };

    public static CertificateConfigMap ConfigMap(string name, string? authority)
    {
        var id = Given.Id(name);
        return new CertificateConfigMap { Metadata = new ObjectMeta { Namespace = id.Namespace, Name = id.Name }, Data = new CertificateData { CaCrt = authority } };
    }

    public static CertificateSecret Secret(string name, CertificateData data)
    {
        var id = Given.Id(name);
        return new CertificateSecret { Metadata = new ObjectMeta { Namespace = id.Namespace, Name = id.Name }, Data = data };
    }
}
