using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Compilation;

internal static class ResourceEventExtensions
{
    /// <summary>
    /// Takes the changes of an event over and returns the names of all services that must be compiled again.
    /// The event's problems are the source's own and are left to whoever reads it.
    /// </summary>
    public static IReadOnlyCollection<ServiceId> Apply(this ResourceStore store, ResourceEvent change) => store.Apply(change.Upserts, change.Deletes);
}
