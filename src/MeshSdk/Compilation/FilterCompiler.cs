using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>What a list of filters comes to. One that cannot be carried out fails the whole list.</summary>
internal readonly record struct CompiledFilters(ImmutableArray<RouteFilter> Filters, RouteFailure? Failure);

/// <summary>
/// Compiles filters. One that cannot be carried out must never be skipped: what it was to do may be what makes the call safe.
/// </summary>
internal sealed class FilterCompiler(DiagnosticList diagnostics)
{
    /// <param name="route">Whose filters they are.</param>
    /// <param name="filters">As written.</param>
    /// <param name="path">Where in the route the list stands.</param>
    /// <param name="prefix">The prefix that the rule matches, where it matches just one; see <see cref="PathRewrite.Prefix"/>.</param>
    /// <param name="subject">What is answered with an error where the filters cannot be carried out: the rule, or a share of its requests.</param>
    public CompiledFilters Compile(Resource route, ImmutableArray<HttpRouteFilter> filters, string path, string? prefix, string subject)
    {
        RouteFailure? failure = null;
        for (var i = 0; i < filters.Length; i++)
        {
            var message = $"the filter {filters[i].Type} is not supported by this version and must not be skipped";
            failure ??= new RouteFailure(ReferenceResolver.Status, DiagnosticCode.UnsupportedValue) { Message = message };
            diagnostics.Error(
                route, DiagnosticCode.UnsupportedValue, $"{path}[{i}]", $"{message}; {subject} is answered with {ReferenceResolver.Status}");
        }

        return new CompiledFilters([], failure);
    }
}
