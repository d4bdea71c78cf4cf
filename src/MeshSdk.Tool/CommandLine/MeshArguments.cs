using System.Collections.Immutable;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tool.Configuration.Live;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.CommandLine;

/// <summary>The options that every command takes, checked and understood.</summary>
internal sealed record MeshArguments
{
    /// <summary>The library's own options, so that a command sees the mesh as an application with the same settings would.</summary>
    public required MeshOptions Mesh { get; init; }

    /// <summary>The API server to read; null: the manifests of <see cref="Mesh"/> are the configuration.</summary>
    public required LiveCluster? Live { get; init; }

    public required bool Json { get; init; }

    /// <summary>Options that were given and that this version does not act on.</summary>
    public required ImmutableArray<string> Unsupported { get; init; }

    public CallerContext Caller => field ??= CallerDetection.From(Mesh);

    /// <summary>How the mesh of an application with these options would compile its configuration.</summary>
    public CompilerOptions Compilation => MeshEnvironment.CompilerOptionsOf(Mesh);

    public void SayWhatIsUnsupported(Terminal terminal)
    {
        foreach (var option in Unsupported)
        {
            terminal.Note($"{option}: this version does not act on it");
        }
    }
}
