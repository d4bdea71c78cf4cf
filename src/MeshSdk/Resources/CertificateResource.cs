using System.Text.Json.Serialization;
using MeshSdk.Resources.Json;

namespace MeshSdk.Resources;

/// <summary>An object of which nothing but certificates is read, and only where a policy names it.</summary>
internal abstract record CertificateResource : Resource
{
    public override string Group => "";

    [JsonIgnore]
    public abstract CertificateData Certificates { get; }
}

/// <summary>A ConfigMap that holds authorities. The one named <c>istio</c> is none: see <see cref="MeshConfigMap"/>.</summary>
internal sealed record CertificateConfigMap : CertificateResource
{
    public override string Kind => MeshConfigMap.KindName;

    public CertificateData? Data { get; init; }

    [JsonIgnore]
    public override CertificateData Certificates => Data ?? new();

    /// <summary>Whether a ConfigMap is read as such, by its name.</summary>
    public static bool IsMeant(string? name) => !MeshConfigMap.IsMeant(name);
}

/// <summary>A Secret that holds a certificate with its key, or authorities.</summary>
internal sealed record CertificateSecret : CertificateResource
{
    public const string KindName = "Secret";

    public override string Kind => KindName;

    /// <summary>In base64 as it is written, and plain here.</summary>
    [JsonConverter(typeof(EncodedCertificateConverter))]
    public CertificateData? Data { get; init; }

    /// <summary>For people who write manifests; an API server puts it into the data, and so is it read.</summary>
    public CertificateData? StringData { get; init; }

    [JsonIgnore]
    public override CertificateData Certificates => (Data ?? new()).With(StringData);
}
