using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>A GRPCRoute has fewer filters than an HTTPRoute: there is nothing in a call that could be redirected or rewritten.</summary>
internal static class GrpcFilters
{
    /// <summary>Set where a list holds a filter that an HTTPRoute may have and this kind of route may not: it must not be skipped.</summary>
    public static RouteFailure? FailureOf(
        Resource route, ImmutableArray<HttpRouteFilter> filters, string path, string subject, DiagnosticList diagnostics)
    {
        if (route is not GrpcRoute)
        {
            return null;
        }

        RouteFailure? failure = null;
        for (var i = 0; i < filters.Length; i++)
        {
            if (filters[i]?.Type is "RequestRedirect" or "URLRewrite" or "CORS" or "ExternalAuth")
            {
                var message = $"a GRPCRoute has no filter {filters[i].Type}";
                failure ??= new RouteFailure(ReferenceResolver.Status, DiagnosticCode.UnsupportedValue) { Message = message };
                diagnostics.Error(route, DiagnosticCode.UnsupportedValue, $"{path}[{i}].type", $"{message}; {subject} is answered with UNAVAILABLE");
            }
        }

        return failure;
    }
}
