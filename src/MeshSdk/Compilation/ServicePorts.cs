using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>The ports of a Service that HTTP can be spoken on.</summary>
internal static class ServicePorts
{
    private const int Maximum = 65535;

    public static bool IsPort(int number) => number is > 0 and <= Maximum;

    public static bool IsTcp(string? protocol) => string.IsNullOrEmpty(protocol) || protocol == "TCP";

    /// <summary>In the order written. Of several with the same number the first one counts.</summary>
    public static ImmutableArray<ServicePort> Of(Service service, DiagnosticList? diagnostics = null)
    {
        var ports = service.Spec.Ports.OrEmpty();
        var result = ImmutableArray.CreateBuilder<ServicePort>(ports.Length);
        for (var i = 0; i < ports.Length; i++)
        {
            if (ports[i] is not { } port || !IsTcp(port.Protocol))
            {
                continue;
            }

            if (!IsPort(port.Port))
            {
                diagnostics?.Error(service, DiagnosticCode.UnsupportedValue, $"spec.ports[{i}].port", $"{port.Port} is no port; the entry is left out");
            }
            else if (result.Any(other => other.Port == port.Port))
            {
                diagnostics?.Error(service, DiagnosticCode.Duplicate, $"spec.ports[{i}].port", $"port {port.Port} is listed before; the first entry counts");
            }
            else
            {
                if (result.Any(other => (other.Name ?? "") == (port.Name ?? "")))
                {
                    diagnostics?.Error(
                        service, DiagnosticCode.Duplicate, $"spec.ports[{i}].name",
                        $"the name '{port.Name}' is used before; both ports lead to the endpoints of that name");
                }

                result.Add(port);
            }
        }

        return result.DrainToImmutable();
    }

    /// <summary>The port of this number; null where the Service has none that HTTP can be spoken on.</summary>
    public static ServicePort? Find(Service service, int number)
    {
        foreach (var port in service.Spec.Ports.OrEmpty())
        {
            if (port?.Port == number && IsPort(number) && IsTcp(port.Protocol))
            {
                return port;
            }
        }

        return null;
    }
}
