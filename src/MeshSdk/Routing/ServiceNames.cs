using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>
/// Which hosts are names of the cluster's, by their form: what is left to go by where no control plane can be asked about them.
/// </summary>
internal sealed class ServiceNames(CallerContext caller, Func<string, bool> hasNamespace)
{
    private const string ServiceSuffix = ".svc";

    private readonly string _namespace = caller.Namespace.ToLowerInvariant();
    private readonly string _domainSuffix = $"{ServiceSuffix}.{caller.ClusterDomain.ToLowerInvariant()}";

    /// <summary>
    /// Whether nobody but the cluster can have given that name: <c>x</c>, <c>x.ns</c> where it has such a namespace, and what ends in <c>.svc</c> or in
    /// <c>.svc</c> and the cluster's domain. <c>github.com</c> is not the service <c>github</c> of the namespace <c>com</c>.
    /// </summary>
    /// <param name="host">In lower case, without a trailing dot.</param>
    public bool IsOfCluster(string host) => HasSuffix(host) || (IsShort(host) && HasNamespace(host));

    /// <summary>
    /// Whether a host ends in <c>.svc</c>, or in <c>.svc</c> and the cluster's domain, which no name outside the cluster does, however many labels stand
    /// before it.
    /// </summary>
    /// <param name="host">In lower case, without a trailing dot.</param>
    public bool HasSuffix(string host) => WithoutSuffix(host).Length < host.Length;

    /// <summary>The service that a host would mean to the caller; null where it has the form of no service's name.</summary>
    public ServiceId? ServiceOf(string host)
    {
        var name = WithoutSuffix(host);
        var dot = name.IndexOf('.');
        var hasSuffix = name.Length < host.Length;
        if (name.Length == 0 || dot == 0 || dot == name.Length - 1 || dot != name.LastIndexOf('.') || (dot < 0 && hasSuffix))
        {
            return null;
        }

        return dot < 0 ? new ServiceId(_namespace, name.ToString()) : new ServiceId(name[(dot + 1)..].ToString(), name[..dot].ToString());
    }

    private ReadOnlySpan<char> WithoutSuffix(string host)
    {
        var suffix = host.EndsWith(_domainSuffix, StringComparison.Ordinal) ? _domainSuffix
            : host.EndsWith(ServiceSuffix, StringComparison.Ordinal) ? ServiceSuffix
            : "";
        return host.AsSpan(0, host.Length - suffix.Length);
    }

    private static bool IsShort(string host) => host.Length > 0 && host != "localhost" && host.IndexOf('.') == host.LastIndexOf('.');

    private bool HasNamespace(string host) =>
        host.IndexOf('.') is var dot && (dot < 0 || host[(dot + 1)..] is var ns && (ns == _namespace || hasNamespace(ns)));
}
