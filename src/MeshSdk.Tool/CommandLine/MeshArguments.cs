using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tool.Configuration.Live;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Tool.CommandLine;

/// <summary>The options that every command takes, checked and understood.</summary>
internal sealed record MeshArguments
{
    /// <summary>The library's own options, so that a command sees the mesh as an application with the same settings would.</summary>
    public required MeshOptions Mesh { get; init; }

    /// <summary>The API server to read; null: the manifests of <see cref="Mesh"/> are the configuration.</summary>
    public required LiveCluster? Live { get; init; }

    public required bool Json { get; init; }

    /// <summary>What the command finds around it.</summary>
    public required ToolEnvironment Environment { get; init; }

    public CallerContext Caller => field ??= CallerDetection.From(Mesh);

    /// <summary>How the mesh of an application with these options would compile its configuration.</summary>
    public CompilerOptions Compilation => MeshEnvironment.CompilerOptionsOf(Mesh, Identity.HasSource);

    /// <summary>Where the caller has its identity from. Run it once at most, or not at all.</summary>
    public IdentityFinding Identity => field ??= Surroundings(NullLoggerFactory.Instance).FindIdentity();

    /// <summary>What a mesh with these options finds around it.</summary>
    public MeshEnvironment Surroundings(ILoggerFactory loggers) => new(Mesh)
    {
        Loggers = loggers,
        Time = Environment.Time,
        Variables = Environment.Variable,
        IdentityPlaces = Environment.IdentityPlaces,
    };
}
