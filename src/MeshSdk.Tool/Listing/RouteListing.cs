using System.Text.Json;
using MeshSdk.Resources;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary>Routes, with the columns that kubectl prints for them.</summary>
internal sealed class RouteListing : IListing
{
    public string Name => "routes";

    public IReadOnlyList<string> Kinds { get; } = ["HTTPRoute"];

    public Table ToTable(MeshView view)
    {
        var table = view.NewTable("NAME", "HOSTNAMES", "AGE");
        foreach (var route in view.Objects<HttpRoute>())
        {
            var hostnames = route.Spec.Hostnames.OrEmpty();
            view.AddRow(
                table,
                route.Metadata.Namespace,
                route.Metadata.Name,
                hostnames.IsEmpty ? "" : $"[{string.Join(',', hostnames.Select(static host => $"\"{host}\""))}]",
                view.AgeOf(route));
        }

        return table;
    }

    public string ToJson(MeshView view) => JsonSerializer.Serialize(
        [.. view.Objects<HttpRoute>().Select(static route => new ListedRoute(
            route.Kind,
            route.Metadata.Namespace,
            route.Metadata.Name,
            route.Spec.Hostnames.OrEmpty(),
            [.. route.Spec.ParentRefs.OrEmpty().Select(parent => new ListedParent(
                parent.Kind ?? "Gateway", ResourceStoreReferences.NamespaceOr(parent.Namespace, route), parent.Name, parent.Port))],
            route.Spec.Rules.OrEmpty().Length,
            route.Metadata.CreationTimestamp))],
        GetJson.Readable.IReadOnlyListListedRoute);
}
