using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Session persistence that a service asks for by its XBackendTrafficPolicy, for rules that state none of their own.</summary>
internal sealed class ServiceSessions(ResourceStore store)
{
    /// <summary>Null: none. What is wrong with it is told where the policy of the service itself is read.</summary>
    public SessionPersistence? Of(ServiceId id) => store.TrafficPolicies.Of(id) is [var oldest, ..] ? Compile(oldest, new DiagnosticList()) : null;

    /// <summary>Reads what the policy says.</summary>
    public static SessionPersistence? Compile(BackendTrafficPolicy policy, DiagnosticList diagnostics) =>
        new SessionCompiler(diagnostics).Compile(policy, policy.Spec.SessionPersistence, "spec.sessionPersistence", policy.ToString());
}
