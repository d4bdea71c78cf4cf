using System.Text.Json.Serialization;

namespace MeshSdk.Resources.Json;

/// <summary>
/// How Kubernetes writes objects: camelCase, exact case, numbers never in quotes. Fields that the mesh does not read are passed over; a null
/// for a field that has no "unset" is refused, as the API server refuses it.
/// </summary>
/// <remarks>
/// Generated code sets every <c>init</c> property, those that the JSON does not have to null, and so overwrites initializers. A property that
/// must never be null says so in its setter: <c>init => field = value ?? ""</c>.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = false,
    NumberHandling = JsonNumberHandling.Strict,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    MaxDepth = 128,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(StringMapConverter), typeof(SecretTextConverter)])]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(HttpRoute))]
[JsonSerializable(typeof(GrpcRoute))]
[JsonSerializable(typeof(ReferenceGrant))]
[JsonSerializable(typeof(BackendTlsPolicy))]
[JsonSerializable(typeof(BackendTrafficPolicy))]
[JsonSerializable(typeof(DestinationRule))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(MeshConfigMap))]
[JsonSerializable(typeof(Node))]
[JsonSerializable(typeof(Namespace))]
[JsonSerializable(typeof(PeerAuthentication))]
[JsonSerializable(typeof(AuthorizationPolicy))]
[JsonSerializable(typeof(RequestAuthentication))]
[JsonSerializable(typeof(CertificateConfigMap))]
[JsonSerializable(typeof(CertificateSecret))]
internal sealed partial class ResourceJsonContext : JsonSerializerContext;
