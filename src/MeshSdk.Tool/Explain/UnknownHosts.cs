using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tool.Configuration;

namespace MeshSdk.Tool.Explain;

/// <summary>Hosts of which it cannot be told whether a service has them.</summary>
internal sealed class UnknownHosts(ImmutableArray<UnknownScope> scopes, CallerContext caller)
{
    private const string Code = "Unknown";

    private readonly UnknownParts _parts = new(scopes, caller);

    /// <param name="host">One that no known service has.</param>
    /// <returns>Null where there is certainly no such service.</returns>
    public UnknownHost? Find(string host)
    {
        if (ServiceName.Of(host, caller) is not { } name || _parts.OfExistence(name.Id) is not { } scope)
        {
            return null;
        }

        // Names of the caller's own namespace are the mesh's in any case.
        var mayBeForeign = !name.IsCertain && name.Id.Namespace != caller.Namespace;
        return new UnknownHost(
            mayBeForeign,
            new ExplainedDiagnostic(
                mayBeForeign ? "warning" : "error",
                Code,
                $"Service {name.Id}",
                "",
                $"it cannot be told whether there is a Service {name.Id}: {scope.Reason}"));
    }
}

/// <param name="MayBeForeign">The name may as well be one of the Internet, which the mesh has nothing to say about.</param>
/// <param name="Diagnostic">What is missing, and what would help.</param>
internal sealed record UnknownHost(bool MayBeForeign, ExplainedDiagnostic Diagnostic);
