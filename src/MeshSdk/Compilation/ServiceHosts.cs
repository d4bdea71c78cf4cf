using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>The names and addresses by which a caller dials a Service.</summary>
internal static class ServiceHosts
{
    /// <param name="service">The service.</param>
    /// <param name="taken">Addresses that it states and another one has.</param>
    /// <param name="caller">A bare name means a service of its namespace.</param>
    /// <param name="diagnostics">Takes what is wrong with the addresses.</param>
    public static ImmutableArray<string> Of(
        Service service, ImmutableArray<TakenAddress> taken, CallerContext caller, DiagnosticList diagnostics)
    {
        var name = service.Metadata.Name.ToLowerInvariant();
        var ns = service.Metadata.Namespace.ToLowerInvariant();
        var hosts = ImmutableArray.CreateBuilder<string>(6);
        if (service.Metadata.Namespace == caller.Namespace)
        {
            hosts.Add(name);
        }

        hosts.Add($"{name}.{ns}");
        hosts.Add($"{name}.{ns}.svc");
        hosts.Add($"{name}.{ns}.svc.{caller.ClusterDomain.ToLowerInvariant()}");

        foreach (var (text, path) in service.StatedAddresses())
        {
            if (!PeerAddress.TryParse(text, out var address))
            {
                diagnostics.Error(service, DiagnosticCode.InvalidAddress, path, $"'{text}' is no IP address");
            }
            else if (taken.FirstOrDefault(other => other.Address == address.Text) is { Address: not null } other)
            {
                diagnostics.Warning(
                    service, DiagnosticCode.DuplicateAddress, path,
                    $"{address.Text} is an address of Service {other.Owner}, which is older or comes first by name; calls to it go there; remove it from one of them");
            }
            else if (!hosts.Contains(address.Text))
            {
                hosts.Add(address.Text);
            }
        }

        return hosts.ToImmutable();
    }
}
