using MeshSdk.Tool.Lint.Rules;

namespace MeshSdk.Tool.Lint;

/// <summary>All rules, in the order in which their findings are told where they are of one line.</summary>
internal static class LintRules
{
    public static IReadOnlyList<ILintRule> All { get; } =
    [
        new DuplicateObjectRule(),
        new ParentRefRule(),
        new HostnameRule(),
        new RuleNameRule(),
        new MatchCountRule(),
        new PathMatchRule(),
        new GrpcMethodRule(),
        new FilterTypeRule(),
        new FilterSetRule(),
        new PathModifierRule(),
        new HeaderModifierRule(),
        new MirrorRule(),
        new CorsRule(),
        new ExternalAuthRule(),
        new BackendRefRule(),
        new TimeoutRule(),
        new RetryRule(),
        new SessionPersistenceRule(),
        new BackendTlsPolicyRule(),
        new BackendTrafficPolicyRule(),
        new DestinationRuleHostRule(),
        new VisibilityRule(),
        new TrafficPolicyRule(),
        new HashRule(),
        new LocalityRule(),
        new OutlierDetectionRule(),
        new DestinationRuleTlsRule(),
        new MtlsConflictRule(),
        new PeerAuthenticationRule(),
        new AuthorizationPolicyRule(),
        new EjectionRule(),
        new PortSettingsRule(),
        new SubsetRule(),
        new ForeignKindRule(),
    ];
}
