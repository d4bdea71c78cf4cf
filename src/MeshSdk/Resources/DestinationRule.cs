using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources;

internal sealed record DestinationRule : Resource
{
    public override string Group => "networking.istio.io";
    public override string Kind => "DestinationRule";

    public DestinationRuleSpec Spec { get; init => field = value ?? new(); } = new();
}

internal sealed record DestinationRuleSpec
{
    /// <summary>A name without a dot is completed in the rule's own namespace; any other is taken literally. May begin with a wildcard.</summary>
    public string Host { get; init => field = value ?? ""; } = "";

    public TrafficPolicy? TrafficPolicy { get; init; }

    public ImmutableArray<JsonElement>? Subsets { get; init; }

    public ImmutableArray<string>? ExportTo { get; init; }

    public WorkloadSelector? WorkloadSelector { get; init; }
}

internal sealed record WorkloadSelector
{
    public Dictionary<string, string>? MatchLabels { get; init; }
}

/// <summary>A traffic policy, or one entry of its <see cref="PortLevelSettings"/>, which replaces the policy for its port.</summary>
internal sealed record TrafficPolicy
{
    public LoadBalancerSettings? LoadBalancer { get; init; }

    public JsonElement? ConnectionPool { get; init; }

    public JsonElement? OutlierDetection { get; init; }

    public ClientTlsSettings? Tls { get; init; }

    public ImmutableArray<TrafficPolicy>? PortLevelSettings { get; init; }

    /// <summary>The Service port that an entry of <see cref="PortLevelSettings"/> is for.</summary>
    public PortSelector? Port { get; init; }

    public JsonElement? Tunnel { get; init; }

    public JsonElement? ProxyProtocol { get; init; }

    public JsonElement? RetryBudget { get; init; }

    /// <summary>Fields that there are none of, for people to be told.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record PortSelector
{
    public int Number { get; init; }
}

internal sealed record LoadBalancerSettings
{
    /// <summary>UNSPECIFIED, LEAST_CONN, RANDOM, PASSTHROUGH, ROUND_ROBIN or LEAST_REQUEST.</summary>
    public string? Simple { get; init; }

    public JsonElement? ConsistentHash { get; init; }

    public JsonElement? LocalityLbSetting { get; init; }

    public JsonElement? Warmup { get; init; }

    public string? WarmupDurationSecs { get; init; }

    public JsonElement? ZoneAwareLbSetting { get; init; }

    public JsonElement? BackendUtilization { get; init; }

    /// <summary>Fields that there are none of, for people to be told.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record ClientTlsSettings
{
    /// <summary>The mode of settings that are there and cannot be read: no known one, so that nothing is sent.</summary>
    public const string Unreadable = "UNREADABLE";

    /// <summary>DISABLE (unset), SIMPLE, MUTUAL or ISTIO_MUTUAL.</summary>
    public string? Mode { get; init; }

    public string? Sni { get; init; }

    public ImmutableArray<string>? SubjectAltNames { get; init; }

    public string? ClientCertificate { get; init; }

    public string? PrivateKey { get; init; }

    public string? CaCertificates { get; init; }

    public string? CredentialName { get; init; }

    public bool? InsecureSkipVerify { get; init; }

    public string? CaCrl { get; init; }

    /// <summary>Fields that there are none of, for people to be told.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
