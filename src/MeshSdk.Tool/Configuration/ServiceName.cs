using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Tool.Configuration;

/// <summary>The service that a host means by its shape alone, whether there is such a service or not.</summary>
/// <param name="Id">The service.</param>
/// <param name="IsCertain">False for <c>name.namespace</c>, which may as well be a host of the Internet.</param>
internal readonly record struct ServiceName(ServiceId Id, bool IsCertain)
{
    /// <summary>Null where no service of the cluster can have that name.</summary>
    public static ServiceName? Of(string host, CallerContext caller)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        if (name.Length == 0 || IPAddress.TryParse(name.Trim('[', ']'), out _))
        {
            return null;
        }

        var labels = name.Split('.');
        if (Array.Exists(labels, static label => !IsLabel(label)))
        {
            return null;
        }

        return labels switch
        {
            ["localhost"] => null,
            [var service] => new(new ServiceId(caller.Namespace, service), IsCertain: true),
            [var service, var ns] => new(new ServiceId(ns, service), IsCertain: false),
            [var service, var ns, "svc"] => new(new ServiceId(ns, service), IsCertain: true),
            [var service, var ns, "svc", .. var domain] when string.Equals(string.Join('.', domain), caller.ClusterDomain, StringComparison.OrdinalIgnoreCase) =>
                new(new ServiceId(ns, service), IsCertain: true),
            _ => null,
        };
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
