using System.Collections.Immutable;
using MeshSdk.Compilation;
using MeshSdk.Compilation.Inbound;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>Policies from manifests, as a process in namespace foo with the label app=w has them.</summary>
internal static class CompiledPolicies
{
    public static CallerContext Caller { get; } = new() { Namespace = AuthorizationCase.Namespace, Labels = new Dictionary<string, string> { ["app"] = "w" } };

    public static (AuthorizationModel Model, ImmutableArray<MeshDiagnostic> Diagnostics) Of(string manifests)
    {
        var content = ManifestReader.Read(manifests, "test");
        Assert.DoesNotContain(content.Problems, static problem => problem.Severity == DiagnosticSeverity.Error);
        return Of(content.Resources);
    }

    public static (AuthorizationModel Model, ImmutableArray<MeshDiagnostic> Diagnostics) Of(IEnumerable<Resource> resources)
    {
        var store = new ResourceStore();
        store.Apply([.. resources], []);
        var diagnostics = new DiagnosticList();
        var view = MeshViewpoint.Of(store, Caller, CompilerOptions.Default);
        return (new AuthorizationCompiler().Compile(store, view, diagnostics), diagnostics.ToImmutable());
    }
}
