using System.Collections.Immutable;
using MeshSdk.Security.Sources;
using MeshSdk.Tool.Configuration.Live;

namespace MeshSdk.Tool;

/// <summary>What a command finds around it, beside its three streams.</summary>
internal sealed record ToolEnvironment
{
    /// <summary>That of this process.</summary>
    public static ToolEnvironment Process { get; } = new();

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The user's home directory.</summary>
    public string Home { get; init; } = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>Where a pod finds its service account.</summary>
    public string ServiceAccountDirectory { get; init; } = new MeshKubernetesOptions().ServiceAccountDirectory;

    /// <summary>Where a pod may find its mesh identity.</summary>
    public ImmutableArray<PemPlace> IdentityPlaces { get; init; } = PemPlace.WellKnown;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the source that follows an API server.</summary>
    public LiveSourceFactory OpenLive { get; init; } = LiveSource.Open;

    /// <summary>Reads from an API server what nothing here acts on.</summary>
    public ForeignLister ListForeign { get; init; } = ForeignReader.ListAsync;
}
