using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tool.Configuration;

/// <summary>Which of the things that could not be read concern a service, as its caller sees it.</summary>
internal sealed class UnknownParts(ImmutableArray<UnknownScope> scopes, CallerContext caller)
{
    /// <summary>Why it cannot be told whether the service exists; null where it can.</summary>
    public UnknownScope? OfExistence(ServiceId service) => scopes.FirstOrDefault(scope => scope.Kind == "Service" && Covers(scope, service));

    /// <summary>Everything that calls to the service depend on: its own objects, routes, and policies of all places they may stand in.</summary>
    public IEnumerable<UnknownScope> Of(ServiceId service) => scopes.Where(scope => scope.Kind switch
    {
        "Service" or "EndpointSlice" or "Pod" => Covers(scope, service),

        // They have no namespace, and a name of theirs is none of a service.
        "Node" => true,
        "DestinationRule" => IsIn(scope, caller.Namespace, service.Namespace, caller.RootNamespace),
        _ => IsIn(scope, caller.Namespace, service.Namespace),
    });

    private static bool Covers(UnknownScope scope, ServiceId service) => IsIn(scope, service.Namespace) && (scope.Name is null || scope.Name == service.Name);

    private static bool IsIn(UnknownScope scope, params ReadOnlySpan<string> namespaces) => scope.Namespace is null || namespaces.Contains(scope.Namespace);
}
