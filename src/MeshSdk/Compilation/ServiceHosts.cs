using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>The names and addresses by which a caller dials a Service.</summary>
internal static class ServiceHosts
{
    private const string Headless = "None";

    public static ImmutableArray<string> Of(Service service, CallerContext caller, DiagnosticList diagnostics)
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

        var addresses = service.Spec.ClusterIPs.OrEmpty();
        for (var i = 0; i < addresses.Length; i++)
        {
            Add(addresses[i], $"spec.clusterIPs[{i}]");
        }

        if (addresses.IsEmpty && service.Spec.ClusterIP is { } single)
        {
            Add(single, "spec.clusterIP");
        }

        return hosts.ToImmutable();

        void Add(string? text, string path)
        {
            if (string.IsNullOrEmpty(text) || text == Headless)
            {
                return;
            }

            if (!PeerAddress.TryParse(text, out var address))
            {
                diagnostics.Error(service, DiagnosticCode.InvalidAddress, path, $"'{text}' is no IP address");
            }
            else if (!hosts.Contains(address.Text))
            {
                hosts.Add(address.Text);
            }
        }
    }
}
