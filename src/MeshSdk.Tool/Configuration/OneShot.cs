using System.Collections.Immutable;
using MeshSdk.Compilation.Policies;
using MeshSdk.Compilation.Tls;
using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Configuration;

/// <summary>Reads a source once: until it says that it has delivered all that there is.</summary>
internal static class OneShot
{
    /// <summary>Reads everything, and says on standard error what is odd about it without being wrong.</summary>
    /// <exception cref="InvalidDataException">The source ended before it had delivered everything.</exception>
    public static async Task<LoadedMesh> ReadAsync(
        IResourceSource source, string clusterDomain, Terminal terminal, CancellationToken cancellationToken)
    {
        var resources = new ResourceStore(clusterDomain) { ReplacesConfig = MeshConfigReader.Replaces, KeepsCertificates = PemCheck.Keep };
        var objects = new Dictionary<ResourceKey, Resource>();
        ImmutableArray<UnknownScope> unknown = [];
        await foreach (var change in source.Start(cancellationToken).ReadAllAsync(cancellationToken))
        {
            foreach (var problem in (change.Problems ?? []).Where(IsWorthALine))
            {
                terminal.Note(ManifestProblem.Describe(problem));
            }

            resources.Apply(change.Upserts, change.Deletes);
            foreach (var key in change.Deletes)
            {
                objects.Remove(key);
            }

            foreach (var resource in change.Upserts)
            {
                objects[resource.Key] = resource;
            }

            unknown = change.Unknown ?? unknown;
            change.InForce?.TrySetResult();
            if (change.Synced)
            {
                resources.Unknown = new ResourceStoreUnknown(unknown);
                return new LoadedMesh(resources, objects.Values, unknown);
            }
        }

        // One that was told to stop ends in the same way.
        cancellationToken.ThrowIfCancellationRequested();
        throw new InvalidDataException($"{source.Name} ended before everything was read");
    }

    /// <summary>What may be missing without anybody's having to do something about it is told by the answer, where the answer depends on it.</summary>
    private static bool IsWorthALine(MeshDiagnostic problem) => problem is not { Severity: DiagnosticSeverity.Info, Code: "Forbidden" };
}
