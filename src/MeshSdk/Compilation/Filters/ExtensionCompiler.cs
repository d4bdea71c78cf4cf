using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Filters;

/// <summary>Compiles references to filters of the application's own.</summary>
internal sealed class ExtensionCompiler(ExtensionFilters filters)
{
    public ExtensionFilter? Compile(HttpExtensionReference? source, FilterSite site)
    {
        const string Stanza = ".extensionRef";
        if (source is null or { Kind: "" } or { Name: "" })
        {
            site.Fail(Stanza, "the filter names no object; it takes group, kind and name");
            return null;
        }

        var (group, kind) = (source.Group, source.Kind);
        var reference = new MeshFilterReference(group, kind, site.Route.Metadata.Namespace, source.Name);
        if (!filters.Knows(reference))
        {
            site.Fail(
                Stanza,
                $"the application has no filter for {kind}{(group.Length == 0 ? "" : $" of {group}")}, and it must not be skipped; MeshBuilder.AddFilter registers one",
                DiagnosticCode.InvalidKind);
            return null;
        }

        try
        {
            var route = new RouteId(site.Route.Kind, site.Route.Metadata.Namespace, site.Route.Metadata.Name);
            return new ExtensionFilter(filters.Get(route, reference), reference);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The application's own code. Its service must not lose its routes over it.
            site.Fail(Stanza, $"the filter {kind} {source.Name} could not be made: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }
}
