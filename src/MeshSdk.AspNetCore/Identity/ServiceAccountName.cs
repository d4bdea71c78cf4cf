namespace MeshSdk.AspNetCore.Identity;

/// <summary>The Kubernetes service account that an identity is of, where it is of one.</summary>
internal readonly record struct ServiceAccountName(string Namespace, string Name)
{
    /// <summary>Null where the identity is not of the form that Istio gives it, <c>/ns/NAMESPACE/sa/ACCOUNT</c>.</summary>
    public static ServiceAccountName? Of(SpiffeId? id) => id?.Path.Split('/') is ["", "ns", var ns, "sa", var account] ? new(ns, account) : null;
}
