using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Filters;

/// <summary>One filter at its place in a route, and what is found wrong with it.</summary>
/// <param name="diagnostics">Where problems are reported.</param>
/// <param name="route">Whose filter it is.</param>
/// <param name="path">Where in the route it stands.</param>
/// <param name="prefix">See <see cref="PathRewrite.Prefix"/>; null where the rule does not match by just one prefix.</param>
/// <param name="subject">What is answered with an error where the filter cannot be carried out.</param>
internal sealed class FilterSite(DiagnosticList diagnostics, Resource route, string path, string? prefix, string subject)
{
    public Resource Route => route;

    public string Path => path;

    public string? Prefix => prefix;

    /// <summary>The first thing that keeps the filter from being carried out; null where nothing does.</summary>
    public RouteFailure? Failure { get; private set; }

    /// <summary>It must not be skipped, so that whatever it stands on cannot be served.</summary>
    /// <param name="field">The field, from the filter on, as in <c>.urlRewrite.path</c>.</param>
    /// <param name="message">What is wrong and what would mend it.</param>
    /// <param name="code">See <see cref="DiagnosticCode"/>.</param>
    public void Fail(string field, string message, string code = DiagnosticCode.UnsupportedValue)
    {
        Failure ??= new RouteFailure(ReferenceResolver.Status, code) { Message = message };
        diagnostics.Fault(route, code, path + field, $"{message}; {subject} is answered with {AnswerText.Of(route, ReferenceResolver.Status)}");
    }

    /// <summary>Something of it is left out, which harms no request.</summary>
    public void Drop(string field, string message, string consequence, string code = DiagnosticCode.UnsupportedValue) =>
        diagnostics.Error(route, code, path + field, $"{message}; {consequence}");

    public void Warn(string field, string message, string code) => diagnostics.Warning(route, code, path + field, message);
}
