using System.Text.Json;
using MeshSdk.Resources;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary>Services that the mesh can see.</summary>
internal sealed class ServiceListing : IListing
{
    private const string DefaultType = "ClusterIP";
    private const string None = "<none>";

    public string Name => "services";

    public IReadOnlyList<string> Kinds { get; } = ["Service"];

    public Table ToTable(MeshView view)
    {
        var table = view.NewTable("SERVICE", "TYPE", "CLUSTER-IP", "PORTS", "AGE");
        foreach (var service in view.Objects<Service>())
        {
            string[] ports = [.. service.Spec.Ports.OrEmpty().Select(static port => $"{port.Port}/{port.Protocol ?? "TCP"}")];
            view.AddRow(
                table,
                service.Metadata.Namespace,
                service.Metadata.Name,
                service.Spec.Type ?? DefaultType,
                service.Spec.ClusterIP is { Length: > 0 } ip ? ip : None,
                ports.Length == 0 ? None : string.Join(',', ports),
                view.AgeOf(service));
        }

        return table;
    }

    public string ToJson(MeshView view) => JsonSerializer.Serialize(
        [.. view.Objects<Service>().Select(static service => new ListedService(
            service.Metadata.Namespace,
            service.Metadata.Name,
            service.Spec.Type ?? DefaultType,
            [.. service.StatedAddresses().Select(static address => address.Text)],
            [.. service.Spec.Ports.OrEmpty().Select(static port => new ListedPort(port.Name, port.Port, port.Protocol ?? "TCP", port.AppProtocol))],
            service.Metadata.CreationTimestamp))],
        GetJson.Readable.IReadOnlyListListedService);
}
