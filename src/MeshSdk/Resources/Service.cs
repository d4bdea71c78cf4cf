using System.Collections.Immutable;

namespace MeshSdk.Resources;

internal sealed record Service : Resource
{
    public override string Group => "";
    public override string Kind => "Service";

    public ServiceSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>An alias that DNS resolves; there is nothing behind it that the mesh could see.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsExternalName => Spec.Type == "ExternalName";

    /// <summary>Cluster addresses as written, each with the path of its field. A headless service has none.</summary>
    public IEnumerable<(string Text, string Path)> StatedAddresses()
    {
        var addresses = Spec.ClusterIPs.OrEmpty();
        if (addresses.IsEmpty && IsAddress(Spec.ClusterIP))
        {
            yield return (Spec.ClusterIP!, "spec.clusterIP");
        }

        for (var i = 0; i < addresses.Length; i++)
        {
            if (IsAddress(addresses[i]))
            {
                yield return (addresses[i], $"spec.clusterIPs[{i}]");
            }
        }

        static bool IsAddress(string? text) => text is not (null or "" or "None");
    }
}

internal sealed record ServiceSpec
{
    /// <summary>ClusterIP, NodePort, LoadBalancer or ExternalName.</summary>
    public string? Type { get; init; }

    /// <summary><c>None</c> for a headless service.</summary>
    public string? ClusterIP { get; init; }

    public ImmutableArray<string>? ClusterIPs { get; init; }

    /// <summary>IPv4 and IPv6 in order of preference.</summary>
    public ImmutableArray<string>? IpFamilies { get; init; }

    public ImmutableArray<ServicePort>? Ports { get; init; }

    public Dictionary<string, string>? Selector { get; init; }

    /// <summary>None (unset) or ClientIP.</summary>
    public string? SessionAffinity { get; init => field = SharedText.Of(value); }
}

internal sealed record ServicePort
{
    public string? Name { get; init; }

    public int Port { get; init; }

    /// <summary>TCP where unset.</summary>
    public string? Protocol { get; init; }

    public string? AppProtocol { get; init; }

    /// <summary>A number or a port name, kept for people to read: endpoints carry the resolved number.</summary>
    public IntOrString? TargetPort { get; init; }
}
