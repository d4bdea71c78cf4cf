using System.Net;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>Says what would have to be granted.</summary>
internal static class RbacAdvice
{
    public static string For(WatchTarget target, ApiFaultException fault)
    {
        var group = target.Kind.Group.Length == 0 ? "the core group" : $"group {target.Kind.Group}";
        var where = target.Namespace is null ? "in all namespaces" : $"in namespace {target.Namespace}";
        var role = target.Namespace is null ? "a ClusterRole" : $"a Role in namespace {target.Namespace}";
        var names = target.OnlyName is { } name ? $"resourceNames: [{name}], " : "";
        return $"it is not allowed to {fault.Verb} {target.Plural} of {group} {where}; grant the rule "
            + $"{{apiGroups: [\"{target.Kind.Group}\"], resources: [{target.Plural}], {names}verbs: [list, watch]}} by {role} ({Reason(fault)})";
    }

    private static string Reason(ApiFaultException fault) =>
        fault.Code == HttpStatusCode.Forbidden ? fault.Message : $"{(int)fault.Code}: {fault.Message}";
}
