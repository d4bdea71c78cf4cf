using System.Text.Json;
using MeshSdk.Resources;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary>Routes, with the columns that kubectl prints for them.</summary>
internal sealed class RouteListing : IListing
{
    public string Name => "routes";

    public IReadOnlyList<string> Kinds { get; } = ["HTTPRoute", "GRPCRoute"];

    public Table ToTable(MeshView view)
    {
        var table = view.NewTable("NAME", "HOSTNAMES", "AGE");
        RouteResource[] routes = [.. view.Objects<RouteResource>()];

        // Where there are several kinds a name alone does not say which one is meant: kubectl writes it so too.
        var withKind = routes.Any(static route => route is GrpcRoute);
        foreach (var route in routes)
        {
            var hostnames = route.WrittenHostnames;
            view.AddRow(
                table,
                route.Metadata.Namespace,
                withKind ? $"{route.Kind.ToLowerInvariant()}/{route.Metadata.Name}" : route.Metadata.Name,
                hostnames.IsEmpty ? "" : $"[{string.Join(',', hostnames.Select(static host => $"\"{host}\""))}]",
                view.AgeOf(route));
        }

        return table;
    }

    public string ToJson(MeshView view) => JsonSerializer.Serialize(
        [.. view.Objects<RouteResource>().Select(static route => new ListedRoute(
            route.Kind,
            route.Metadata.Namespace,
            route.Metadata.Name,
            route.WrittenHostnames,
            [.. route.Parents.Select(parent => new ListedParent(
                parent.Kind ?? "Gateway", ResourceStoreReferences.NamespaceOr(parent.Namespace, route), parent.Name, parent.Port))],
            route.WrittenRules.Length,
            route.Metadata.CreationTimestamp))],
        GetJson.Readable.IReadOnlyListListedRoute);
}
