using System.Collections.Frozen;

namespace MeshSdk.Testing.Protobuf;

/// <summary>What a field of a message is called in JSON and how it is read.</summary>
/// <param name="Type">
/// <c>string</c>, <c>int</c>, <c>bool</c>, <c>bytes</c>, <c>time</c>, <c>int-or-string</c>, <c>fields</c> (fieldsV1), or the name of a message.
/// </param>
/// <param name="Shape">Whether the field is a list or the entries of a map.</param>
internal sealed record ProtobufField(string Name, string Type, ProtobufShape Shape);

/// <summary>How often a field may be there.</summary>
internal enum ProtobufShape
{
    Single,
    List,
    Map,
}

/// <summary>
/// The messages that typed kubectl commands and helm send, by the field numbers of the kinds' public <c>.proto</c> files. A line is
/// <c>Message: number name type, …</c>; <c>[type]</c> is a list, <c>{type}</c> a map.
/// </summary>
internal static class ProtobufTable
{
    private const string Text = """
        Namespace: 1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus
        NamespaceSpec: 1 finalizers [string]
        NamespaceStatus: 1 phase string
        ConfigMap: 1 metadata ObjectMeta, 2 data {string}, 3 binaryData {bytes}, 4 immutable bool
        Secret: 1 metadata ObjectMeta, 2 data {bytes}, 3 type string, 4 stringData {string}, 5 immutable bool
        ServiceAccount: 1 metadata ObjectMeta, 2 secrets [ObjectReference], 3 imagePullSecrets [LocalObjectReference], 4 automountServiceAccountToken bool
        ObjectReference: 1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string
        LocalObjectReference: 1 name string
        Service: 1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus
        ServiceSpec: 1 ports [ServicePort], 2 selector {string}, 3 clusterIP string, 4 type string, 5 externalIPs [string], 7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges [string], 10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, 14 sessionAffinityConfig SessionAffinityConfig, 17 ipFamilyPolicy string, 18 clusterIPs [string], 19 ipFamilies [string], 20 allocateLoadBalancerNodePorts bool, 21 loadBalancerClass string, 22 internalTrafficPolicy string, 23 trafficDistribution string
        ServicePort: 1 name string, 2 protocol string, 3 port int, 4 targetPort int-or-string, 5 nodePort int, 6 appProtocol string
        SessionAffinityConfig: 1 clientIP ClientIPConfig
        ClientIPConfig: 1 timeoutSeconds int
        ServiceStatus: 1 loadBalancer LoadBalancerStatus
        LoadBalancerStatus: 1 ingress [LoadBalancerIngress]
        LoadBalancerIngress: 1 ip string, 2 hostname string, 3 ipMode string
        Deployment: 1 metadata ObjectMeta, 2 spec DeploymentSpec
        DeploymentSpec: 1 replicas int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit int, 7 paused bool, 9 progressDeadlineSeconds int
        DeploymentStrategy: 1 type string
        PodTemplateSpec: 1 metadata ObjectMeta, 2 spec PodSpec
        PodSpec: 2 containers [Container], 3 restartPolicy string, 8 serviceAccountName string
        Container: 1 name string, 2 image string, 3 command [string], 4 args [string], 5 workingDir string, 6 ports [ContainerPort], 14 imagePullPolicy string
        ContainerPort: 1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string
        Role: 1 metadata ObjectMeta, 2 rules [PolicyRule]
        ClusterRole: 1 metadata ObjectMeta, 2 rules [PolicyRule], 3 aggregationRule AggregationRule
        AggregationRule: 1 clusterRoleSelectors [LabelSelector]
        LabelSelector: 1 matchLabels {string}, 2 matchExpressions [LabelSelectorRequirement]
        LabelSelectorRequirement: 1 key string, 2 operator string, 3 values [string]
        PolicyRule: 1 verbs [string], 2 apiGroups [string], 3 resources [string], 4 resourceNames [string], 5 nonResourceURLs [string]
        RoleBinding: 1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef
        ClusterRoleBinding: 1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef
        Subject: 1 kind string, 2 apiGroup string, 3 name string, 4 namespace string
        RoleRef: 1 apiGroup string, 2 kind string, 3 name string
        TokenRequest: 1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status TokenRequestStatus
        TokenRequestSpec: 1 audiences [string], 3 boundObjectRef BoundObjectReference, 4 expirationSeconds int
        TokenRequestStatus: 1 token string, 2 expirationTimestamp time
        BoundObjectReference: 1 kind string, 2 apiVersion string, 3 name string, 4 uid string
        SelfSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec
        SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
        ResourceAttributes: 1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string
        NonResourceAttributes: 1 path string, 2 verb string
        SelfSubjectRulesReview: 1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec
        SelfSubjectRulesReviewSpec: 1 namespace string
        SelfSubjectReview: 1 metadata ObjectMeta
        DeleteOptions: 1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy string, 5 dryRun [string]
        Preconditions: 1 uid string, 2 resourceVersion string
        ObjectMeta: 1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string, 6 resourceVersion string, 7 generation int, 8 creationTimestamp time, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds int, 11 labels {string}, 12 annotations {string}, 13 ownerReferences [OwnerReference], 14 finalizers [string], 17 managedFields [ManagedFieldsEntry]
        OwnerReference: 1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool, 7 blockOwnerDeletion bool
        ManagedFieldsEntry: 1 manager string, 2 operation string, 3 apiVersion string, 4 time time, 6 fieldsType string, 7 fieldsV1 fields, 8 subresource string
        """;

    /// <summary>The messages by name, their fields by number.</summary>
    public static FrozenDictionary<string, FrozenDictionary<int, ProtobufField>> Messages { get; } = Text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(": ", 2))
        .ToFrozenDictionary(parts => parts[0], parts => parts[1].Split(", ").Select(Field).ToFrozenDictionary(field => field.Number, field => field.Field));

    private static (int Number, ProtobufField Field) Field(string text)
    {
        var words = text.Split(' ');
        var (type, shape) = words[2] switch
        {
            ['[', .. var item, ']'] => (item, ProtobufShape.List),
            ['{', .. var value, '}'] => (value, ProtobufShape.Map),
            var single => (single, ProtobufShape.Single),
        };
        return (int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture), new ProtobufField(words[1], type, shape));
    }
}
