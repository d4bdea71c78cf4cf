using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Stands in for a service whose compilation failed.</summary>
internal static class FaultedService
{
    public static ServiceModel Keep(
        Service service, ImmutableArray<TakenAddress> taken, ServiceModel? last, CallerContext caller, Exception fault)
    {
        var diagnostics = new DiagnosticList();
        diagnostics.Error(
            service, DiagnosticCode.InternalFault, "",
            $"the mesh could not read this Service or what refers to it ({fault.GetType().Name}: {fault.Message}); "
            + (last is null ? "calls to it are answered with 500" : "what was in force before stays so"));
        if (last is not null)
        {
            // But for addresses that have gone to another service: no two may have the same one.
            return last with
            {
                Hosts = taken.IsEmpty ? last.Hosts : last.Hosts.RemoveRange(taken.Select(static other => other.Address)),
                Diagnostics = diagnostics.ToImmutable(),
            };
        }

        var id = service.ServiceId();
        var failure = new RouteFailure(ReferenceResolver.Status, DiagnosticCode.InternalFault) { Message = fault.Message };
        var table = RouteTableBuilder.Failing(failure);
        var numbers = service.Spec.Ports.OrEmpty()
            .Where(static port => port is not null && ServicePorts.IsTcp(port.Protocol) && ServicePorts.IsPort(port.Port))
            .Select(static port => port.Port)
            .Distinct();
        return new ServiceModel
        {
            Id = id,
            Hosts = ServiceHosts.Of(service, taken, caller, diagnostics),
            Frontends = [.. numbers.Select(number => new FrontendModel(new ClusterId(id.Namespace, id.Name, number), null, table))],
            Clusters = [],
            Diagnostics = diagnostics.ToImmutable(),
        };
    }
}
