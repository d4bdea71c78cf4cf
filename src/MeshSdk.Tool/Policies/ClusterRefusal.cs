using MeshSdk.Model;

namespace MeshSdk.Tool.Policies;

/// <summary>Why calls to a cluster are answered by the mesh itself, with 503, whichever endpoint they would go to.</summary>
internal static class ClusterRefusal
{
    /// <param name="cluster">Who is called.</param>
    /// <param name="security">Whether its policies are kept to.</param>
    /// <param name="hasIdentity">
    /// Whether the caller has an identity, or one to wait for. Without any it is told what would be made of a call by somebody who has one: that this caller
    /// cannot make it is a warning beside it, and what is withheld from everybody is one too.
    /// </param>
    /// <returns>For people; null where a call can be sent.</returns>
    public static string? WhyNone(ClusterModel cluster, MeshSecurity security, bool hasIdentity)
    {
        if (!new EndpointUse(cluster).IsAny)
        {
            return "no usable endpoint";
        }

        if (security == MeshSecurity.Off)
        {
            return null;
        }

        // As selection has it: those that are withheld are as good as not there, as long as there are others.
        var known = hasIdentity ? cluster with { Endpoints = cluster.Endpoints.RemoveAll(static endpoint => endpoint.Withheld is not null) } : cluster;
        var use = new EndpointUse(known);
        if (!use.IsAny)
        {
            return $"every endpoint is withheld: {cluster.Endpoints.First(static endpoint => endpoint.Withheld is not null).Withheld}";
        }

        return cluster.Tls is { Fault: { } fault } tls
            && known.Endpoints.Where(endpoint => use.WhyNot(endpoint) is null).All(static endpoint => endpoint.Tls != TlsMode.None)
                ? $"cannot be called as {tls.Source} asks: {fault}"
                : null;
    }
}
